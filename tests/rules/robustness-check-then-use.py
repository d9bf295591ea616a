import os


def weak(path):
    # ruleid: robustness-check-then-use
    if os.access(path, os.W_OK):
        with open(path, "w") as handle:
            handle.write("x")


def weaker(path):
    # ruleid: robustness-check-then-use
    if os.path.exists(path):
        os.remove(path)


def third(path):
    # ruleid: robustness-check-then-use
    if not os.path.exists(path):
        with open(path, "w") as handle:
            handle.write("x")


def fine(path):
    # ok: robustness-check-then-use
    try:
        os.remove(path)
    except FileNotFoundError:
        return False
    # ok: robustness-check-then-use
    if not os.path.exists(path):
        return None
    # ok: robustness-check-then-use
    if os.path.isdir(path):
        return os.listdir(path)
    return True


def safe(base, name):
    path = os.path.realpath(os.path.join(base, name))
    # ok: robustness-check-then-use
    if os.path.exists(path):
        with open(path) as handle:
            return handle.read()


def acquire(path):
    # ruleid: robustness-check-then-use
    while os.path.exists(path):
        time.sleep(0.1)
    with open(path, "w") as handle:
        handle.write("taken")


def acquire_at_once(path):
    # ok: robustness-check-then-use
    with open(path, "x") as handle:
        handle.write("taken")
