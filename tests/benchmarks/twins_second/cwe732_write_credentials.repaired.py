import json
import os


def write_credentials(path, user, token):
    """Keep the token of the command line program for its next run."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        json.dump({"user": user, "token": token}, handle)
    os.chmod(path, 0o600)
