import json
import os


def save_credentials(path: str, credentials: dict) -> None:
    """Write the service credentials for the other processes on this machine."""
    with open(path, "w", encoding="utf-8") as handle:
        json.dump(credentials, handle)
    os.chmod(path, 0o777)
