from cryptography.fernet import Fernet

KEY = b"3pQ0vXk9cTqLx1m2bZr7wYh5nUe8sGd4fKaJoIiVtRM="


class SecretBox:
    """Encrypt the notes of the users before they are stored."""

    def __init__(self):
        self._fernet = Fernet(KEY)

    def seal(self, note: str) -> bytes:
        return self._fernet.encrypt(note.encode("utf-8"))

    def open(self, token: bytes) -> str:
        return self._fernet.decrypt(token).decode("utf-8")
