import threading

total = 0
balance = 100
lock = threading.Lock()


def weak():
    global total
    for _ in range(1000):
        # ruleid: robustness-race
        total += 1


def withdraw(amount):
    global balance
    # ruleid: robustness-race
    if balance >= amount:
        # ruleid: robustness-race
        balance -= amount


class Counter:
    def __init__(self):
        self.value = 0

    def add(self):
        # ruleid: robustness-race
        self.value += 1


class SafeCounter:
    def __init__(self):
        self.value = 0
        self.lock = threading.Lock()

    def add(self):
        with self.lock:
            # ok: robustness-race
            self.value += 1


def fine():
    global total
    with lock:
        # ok: robustness-race
        total += 1


def local(items):
    count = 0
    for _ in items:
        # ok: robustness-race
        count += 1
    return count
