import random
import secrets
import string


def generate_token(length=32):
    # ruleid: crypto-weak-random-secret
    return "".join(random.choice(string.ascii_letters) for _ in range(length))


def send():
    # ruleid: crypto-weak-random-secret
    otp = random.randint(100000, 999999)
    # ruleid: crypto-weak-random-secret
    session_id = "%032x" % random.getrandbits(128)
    data = {}
    # ruleid: crypto-weak-random-secret
    data["api_key"] = random.random()
    return otp, session_id, data


def create_password():
    chars = string.ascii_letters
    out = []
    for _ in range(12):
        # ruleid: crypto-weak-random-secret
        out.append(random.choice(chars))
    return "".join(out)


def fine(items):
    # ok: crypto-weak-random-secret
    pick = random.choice(items)
    # ok: crypto-weak-random-secret
    token = secrets.token_hex(16)
    # ok: crypto-weak-random-secret
    delay = random.uniform(0, 1)
    # ok: crypto-weak-random-secret
    otp = secrets.randbelow(1000000)
    return pick, token, delay, otp


def make_reset_token():
    rng = random.SystemRandom()
    # ok: crypto-weak-random-secret
    return "".join(rng.choice(string.ascii_letters) for _ in range(32))


def generate_secret():
    # ok: crypto-weak-random-secret
    return "".join(random.SystemRandom().choice(string.digits) for _ in range(32))


def tokenize(words):
    # ok: crypto-weak-random-secret
    return random.sample(words, 2)


def mapping(keys):
    # ok: crypto-weak-random-secret
    key = random.choice(keys)
    return key
