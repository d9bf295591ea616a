import secrets
import string

ALPHABET = string.ascii_letters + string.digits


def reset_token(length: int = 32) -> str:
    """Make the token of a password reset link."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def reset_link(base_url: str) -> str:
    return f"{base_url}/reset/{reset_token()}"
