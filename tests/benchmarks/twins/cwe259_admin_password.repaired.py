import argparse
import getpass
import os

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError


def confirm_admin() -> bool:
    """Ask for the administrator's password."""
    entered = getpass.getpass("Administrator password: ")
    try:
        return PasswordHasher().verify(os.environ["ADMIN_PASSWORD_HASH"], entered)
    except VerifyMismatchError:
        return False


def main():
    parser = argparse.ArgumentParser(description="Maintenance tool")
    parser.add_argument("action", choices=["vacuum", "reindex"])
    args = parser.parse_args()
    if not confirm_admin():
        raise SystemExit("access denied")
    print("running", args.action)


if __name__ == "__main__":
    main()
