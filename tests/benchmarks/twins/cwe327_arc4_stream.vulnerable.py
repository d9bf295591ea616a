import argparse
import os
from pathlib import Path

from Crypto.Cipher import ARC4


def main():
    """Encrypt a file with the key from the environment."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    args = parser.parse_args()

    key = bytes.fromhex(os.environ["ARCHIVE_KEY"])
    cipher = ARC4.new(key)
    args.target.write_bytes(cipher.encrypt(args.source.read_bytes()))
    print("written", args.target)


if __name__ == "__main__":
    main()
