import json
import os


def save_credentials(path: str, credentials: dict) -> None:
    """Write the service credentials for the processes of this account."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        os.fchmod(handle.fileno(), 0o600)
        json.dump(credentials, handle)
