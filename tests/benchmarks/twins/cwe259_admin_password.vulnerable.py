import argparse
import getpass
import hmac

ADMIN_PASSWORD = "Tulip!Harbor77"


def confirm_admin() -> bool:
    """Ask for the administrator's password."""
    entered = getpass.getpass("Administrator password: ")
    return hmac.compare_digest(entered.encode(), ADMIN_PASSWORD.encode())


def main():
    parser = argparse.ArgumentParser(description="Maintenance tool")
    parser.add_argument("action", choices=["vacuum", "reindex"])
    args = parser.parse_args()
    if not confirm_admin():
        raise SystemExit("access denied")
    print("running", args.action)


if __name__ == "__main__":
    main()
