from Crypto.Cipher import AES
from Crypto.Util.Padding import pad

IV = b"\x00" * 16


def encrypt_record(key: bytes, record: bytes) -> bytes:
    """Encrypt one record of the archive."""
    cipher = AES.new(key, AES.MODE_CBC, iv=IV)
    return cipher.encrypt(pad(record, AES.block_size))


def encrypt_all(key: bytes, records: list[bytes]) -> list[bytes]:
    return [encrypt_record(key, record) for record in records]
