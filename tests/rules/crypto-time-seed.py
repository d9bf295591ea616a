import os
import random
import time
from datetime import datetime


def weak():
    # ruleid: crypto-time-seed
    random.seed(time.time())
    # ruleid: crypto-time-seed
    random.seed(int(datetime.now().timestamp()))
    # ruleid: crypto-time-seed
    rng = random.Random(os.getpid())
    now = int(time.time())
    # ruleid: crypto-time-seed
    random.seed(now)
    return rng


def fine(data):
    # ok: crypto-time-seed
    random.seed(42)
    # ok: crypto-time-seed
    rng = random.Random(data)
    # ok: crypto-time-seed
    random.seed()
    return rng
