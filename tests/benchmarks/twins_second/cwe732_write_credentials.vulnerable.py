import json
import os


def write_credentials(path, user, token):
    """Keep the token of the command line program for its next run."""
    with open(path, "w", encoding="utf-8") as handle:
        json.dump({"user": user, "token": token}, handle)
    os.chmod(path, 0o666)
