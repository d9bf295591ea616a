import hashlib
import os
import random
import secrets
import bcrypt

# ruleid: crypto-fixed-salt
SALT = b"s0m3salt"


def first(password, username):
    # ruleid: crypto-fixed-salt
    a = hashlib.pbkdf2_hmac("sha256", password.encode(), b"static", 600000)
    # ruleid: crypto-fixed-salt
    salt = username.encode()
    # ruleid: crypto-fixed-salt
    c = hashlib.sha256((password + "pepper123").encode()).hexdigest()
    return a, salt, c


def second(password):
    # ruleid: crypto-fixed-salt
    salt = str(random.randint(0, 9999)).encode()
    # ruleid: crypto-fixed-salt
    return hashlib.scrypt(password, salt=b"abcdefgh", n=2**15, r=8, p=1), salt


def good(password, stored, record):
    # ok: crypto-fixed-salt
    salt = os.urandom(16)
    # ok: crypto-fixed-salt
    salt2_salt = secrets.token_bytes(16)
    # ok: crypto-fixed-salt
    b = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 600000)
    # ok: crypto-fixed-salt
    stored_salt = record["salt"]
    # ok: crypto-fixed-salt
    salt = bcrypt.gensalt()
    # ok: crypto-fixed-salt
    salt = bytes.fromhex(stored)
    # ok: crypto-fixed-salt
    basalt = "rock"
    return b, salt, salt2_salt, stored_salt, basalt
