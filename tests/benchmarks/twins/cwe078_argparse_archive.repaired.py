import argparse
import tarfile
from pathlib import Path


def archive_folder(folder, name):
    if not name.isidentifier():
        raise SystemExit("the name may hold letters, digits and underscores only")
    source = Path(folder).resolve(strict=True)
    with tarfile.open(f"/backups/{name}.tar.gz", "w:gz") as bundle:
        bundle.add(source, arcname=source.name)


def main():
    parser = argparse.ArgumentParser(description="Archive a folder")
    parser.add_argument("folder", help="folder to archive")
    parser.add_argument("--name", default="backup")
    args = parser.parse_args()
    archive_folder(args.folder, args.name)
    print("finished")


if __name__ == "__main__":
    main()
