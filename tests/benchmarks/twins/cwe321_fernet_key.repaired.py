import os

from cryptography.fernet import Fernet


class SecretBox:
    """Encrypt the notes of the users before they are stored."""

    def __init__(self):
        self._fernet = Fernet(os.environ["NOTES_KEY"])

    def seal(self, note: str) -> bytes:
        return self._fernet.encrypt(note.encode("utf-8"))

    def open(self, token: bytes) -> str:
        return self._fernet.decrypt(token).decode("utf-8")
