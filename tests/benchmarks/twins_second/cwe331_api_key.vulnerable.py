import hashlib
import secrets
import sqlite3


def create_api_key(user_id: int) -> str:
    """Make an API key for a user and keep its digest."""
    key = secrets.token_hex(3)
    digest = hashlib.sha256(key.encode()).hexdigest()
    connection = sqlite3.connect("keys.db")
    connection.execute(
        "INSERT INTO api_keys (user_id, digest) VALUES (?, ?)",
        (user_id, digest),
    )
    connection.commit()
    connection.close()
    return key
