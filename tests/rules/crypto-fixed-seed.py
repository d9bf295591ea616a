import random
import secrets


def generate_token():
    # ruleid: crypto-fixed-seed
    random.seed(1234)
    return "".join(random.choice("abcdef0123456789") for _ in range(32))


def make_password(user_id):
    # ruleid: crypto-fixed-seed
    random.seed(user_id)
    return random.random()


def session_key():
    # ruleid: crypto-fixed-seed
    rng = random.Random("fixed")
    return rng.getrandbits(128)


def shuffle_deck(cards):
    # ok: crypto-fixed-seed
    random.seed(42)
    random.shuffle(cards)
    return cards


def train():
    # ok: crypto-fixed-seed
    rng = random.Random(0)
    return rng.random()


def new_token():
    # ok: crypto-fixed-seed
    return secrets.token_hex(32)
