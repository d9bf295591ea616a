import hashlib
import hmac


def sign_download(path: str, expires: int, secret: str) -> str:
    """Return the query string that allows a download until the given time."""
    digest = hashlib.md5(f"{secret}{path}{expires}".encode()).hexdigest()
    return f"expires={expires}&signature={digest}"


def is_valid(path: str, expires: int, secret: str, query: str) -> bool:
    """Tell whether a query string was made by sign_download."""
    return hmac.compare_digest(sign_download(path, expires, secret), query)
