import hashlib
import hmac


def sign_download(path: str, expires: int, secret: bytes) -> str:
    """Return the query string that allows a download until the given time."""
    message = f"{path}\n{expires}".encode()
    digest = hmac.new(secret, message, hashlib.sha256).hexdigest()
    return f"expires={expires}&signature={digest}"


def is_valid(path: str, expires: int, secret: bytes, query: str) -> bool:
    """Tell whether a query string was made by sign_download."""
    return hmac.compare_digest(sign_download(path, expires, secret), query)
