import os
import random
import time


def weak():
    # ruleid: crypto-small-seed-space
    random.seed(random.randint(0, 100))
    # ruleid: crypto-small-seed-space
    random.seed(int(time.time()) % 1000)
    # ruleid: crypto-small-seed-space
    rng = random.Random(os.getpid() & 0xFF)
    # ruleid: crypto-small-seed-space
    random.seed(int.from_bytes(os.urandom(2), "big"))
    return rng


def fine(seed):
    # ok: crypto-small-seed-space
    random.seed(seed)
    # ok: crypto-small-seed-space
    random.seed(os.urandom(32))
    # ok: crypto-small-seed-space
    rng = random.Random(seed)
    return rng
