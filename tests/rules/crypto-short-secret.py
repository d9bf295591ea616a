import os
import secrets
import string
import uuid


def weak():
    # ruleid: crypto-short-secret
    token = secrets.token_hex(4)
    # ruleid: crypto-short-secret
    session_id = str(uuid.uuid4())[:8]
    # ruleid: crypto-short-secret
    password = "".join(secrets.choice(string.ascii_letters) for _ in range(6))
    # ruleid: crypto-short-secret
    key = os.urandom(8)
    return token, session_id, password, key


def generate_token():
    # ruleid: crypto-short-secret
    return secrets.token_urlsafe(4)


def fine():
    # ok: crypto-short-secret
    token = secrets.token_hex(32)
    # ok: crypto-short-secret
    filename = secrets.token_hex(8)
    # ok: crypto-short-secret
    session_id = str(uuid.uuid4())
    # ok: crypto-short-secret
    password = "".join(secrets.choice(string.ascii_letters) for _ in range(20))
    # ok: crypto-short-secret
    otp = secrets.randbelow(1000000)
    # ok: crypto-short-secret
    suffix = os.urandom(4).hex()
    return token, filename, session_id, password, otp, suffix
