import hashlib
import hmac

API_KEY = load_key()


def check(key, message, signature, request, stored_hash, password, salt):
    # ruleid: crypto-timing-comparison
    a = hmac.new(key, message, hashlib.sha256).hexdigest() == signature
    expected = hmac.new(key, message, hashlib.sha256).hexdigest()
    # ruleid: crypto-timing-comparison
    if signature != expected:
        return False
    # ruleid: crypto-timing-comparison
    if request.headers.get("X-Api-Key") != API_KEY:
        return False
    # ruleid: crypto-timing-comparison
    if hashlib.sha256(salt + password.encode()).hexdigest() == stored_hash:
        return True
    # ruleid: crypto-timing-comparison
    return hash_password(password, salt) == stored_hash


def token_ok(token, stored_token):
    # ruleid: crypto-timing-comparison
    return token == stored_token


# ruleid: crypto-timing-comparison
def check_token(given, secret):
    for i in range(len(secret)):
        if given[i] != secret[i]:
            return False
    return True


def fine(key, message, signature, token, path, wanted):
    # ok: crypto-timing-comparison
    a = hmac.compare_digest(hmac.new(key, message, hashlib.sha256).hexdigest(), signature)
    # ok: crypto-timing-comparison
    if token == "(":
        return 1
    # ok: crypto-timing-comparison
    if signature is None or signature == "":
        return 2
    # ok: crypto-timing-comparison
    if hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
        return 3
    # ok: crypto-timing-comparison
    if key == wanted:
        return 4
    return a


# ok: crypto-timing-comparison
def is_palindrome(text):
    for i in range(len(text)):
        if text[i] != text[-i - 1]:
            return False
    return True
