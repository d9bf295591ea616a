import hashlib
import bcrypt
from flask import request


def store(user, password, salt):
    # ruleid: crypto-fast-password-hash
    user.hash = hashlib.sha256(password.encode()).hexdigest()
    # ruleid: crypto-fast-password-hash
    user.other = hashlib.sha512((salt + password).encode()).hexdigest()
    digest = hashlib.sha256()
    # ruleid: crypto-fast-password-hash
    digest.update(password.encode())
    return digest.hexdigest()


def register():
    value = request.form["password"]
    data = value.encode("utf-8")
    # ruleid: crypto-fast-password-hash
    return hashlib.md5(data).hexdigest()


def good(password, salt, content):
    # ok: crypto-fast-password-hash
    a = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 600_000)
    # ok: crypto-fast-password-hash
    b = hashlib.scrypt(password.encode(), salt=salt, n=2**15, r=8, p=1)
    # ok: crypto-fast-password-hash
    c = hashlib.sha256(content).hexdigest()
    # ok: crypto-fast-password-hash
    d = bcrypt.hashpw(hashlib.sha256(password.encode()).digest(), bcrypt.gensalt())
    return a, b, c, d


def store_hash(password_hash, path):
    # ok: crypto-fast-password-hash
    return hashlib.sha256(path.encode()).hexdigest(), password_hash
