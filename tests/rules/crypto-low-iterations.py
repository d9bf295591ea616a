import hashlib
import bcrypt
from werkzeug.security import generate_password_hash


def low(password, salt):
    # ruleid: crypto-low-iterations
    a = hashlib.pbkdf2_hmac("sha256", password, salt, 1000)
    # ruleid: crypto-low-iterations
    b = bcrypt.hashpw(password, bcrypt.gensalt(rounds=4))
    # ruleid: crypto-low-iterations
    c = hashlib.scrypt(password, salt=salt, n=1024, r=8, p=1)
    # ruleid: crypto-low-iterations
    d = generate_password_hash(password, method="pbkdf2:sha256:1000")
    return a, b, c, d


# ruleid: crypto-low-iterations
def derive(password, salt, rounds=5000):
    return hashlib.pbkdf2_hmac("sha256", password, salt, rounds)


ITERATIONS = 600_000


def high(password, salt):
    # ok: crypto-low-iterations
    a = hashlib.pbkdf2_hmac("sha256", password, salt, ITERATIONS)
    # ok: crypto-low-iterations
    b = bcrypt.hashpw(password, bcrypt.gensalt(rounds=12))
    # ok: crypto-low-iterations
    c = hashlib.scrypt(password, salt=salt, n=2**15, r=8, p=1)
    # ok: crypto-low-iterations
    d = generate_password_hash(password, method="pbkdf2:sha256:600000")
    # ok: crypto-low-iterations
    e = generate_password_hash(password)
    return a, b, c, d, e
