import argparse
from pathlib import Path


def load_settings(path):
    """Read a settings file and return its values."""
    settings = {}
    exec(Path(path).read_text(encoding="utf-8"), settings)
    return {key: value for key, value in settings.items() if key.isupper()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--settings", required=True)
    args = parser.parse_args()
    for key, value in load_settings(args.settings).items():
        print(key, "=", value)


if __name__ == "__main__":
    main()
