import hashlib
import bcrypt


def save(password, user, request):
    # ruleid: crypto-unsalted-password-hash
    a = hashlib.sha256(password.encode()).hexdigest()
    # ruleid: crypto-unsalted-password-hash
    b = hashlib.sha1(user.password.encode("utf-8")).hexdigest()
    # ruleid: crypto-unsalted-password-hash
    c = hashlib.md5(request.form["password"].encode()).hexdigest()
    # ruleid: crypto-unsalted-password-hash
    h = hashlib.sha512()
    h.update(password.encode())
    return a, b, c, h


def fine(password, salt, data):
    # ok: crypto-unsalted-password-hash
    a = hashlib.sha256(salt + password.encode()).hexdigest()
    # ok: crypto-unsalted-password-hash
    b = hashlib.sha256(data.encode()).hexdigest()
    # ok: crypto-unsalted-password-hash
    c = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 600000)
    # ok: crypto-unsalted-password-hash
    d = bcrypt.hashpw(password.encode(), bcrypt.gensalt())
    return a, b, c, d
