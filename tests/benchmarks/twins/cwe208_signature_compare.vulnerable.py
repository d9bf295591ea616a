import hashlib
import hmac


class MessageSigner:
    """Sign and check messages between two services."""

    def __init__(self, key: bytes):
        self._key = key

    def sign(self, message: bytes) -> str:
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()

    def check(self, message: bytes, signature: str) -> bool:
        computed = self.sign(message)
        return computed == signature
