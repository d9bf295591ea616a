import argparse
import tarfile
from pathlib import Path


def restore_backup(archive: str, target: str) -> int:
    """Unpack a backup archive and return the number of entries."""
    Path(target).mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "r:gz") as bundle:
        bundle.extractall(target, filter="data")
        return len(bundle.getnames())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Restore a backup")
    parser.add_argument("archive")
    parser.add_argument("target")
    options = parser.parse_args()
    print(restore_backup(options.archive, options.target), "entries restored")
