import argparse
import os
from pathlib import Path

from Crypto.Cipher import ChaCha20_Poly1305


def main():
    """Encrypt a file with the key from the environment."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    args = parser.parse_args()

    key = bytes.fromhex(os.environ["ARCHIVE_KEY"])
    cipher = ChaCha20_Poly1305.new(key=key)
    data, tag = cipher.encrypt_and_digest(args.source.read_bytes())
    args.target.write_bytes(cipher.nonce + tag + data)
    print("written", args.target)


if __name__ == "__main__":
    main()
