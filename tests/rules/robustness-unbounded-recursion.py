import sys
from flask import request


# ruleid: robustness-unbounded-recursion
def weak(n):
    return weak(n - 1)


# ruleid: robustness-unbounded-recursion
sys.setrecursionlimit(1000000)


def total(n):
    return n + total(n - 1) if n else 0


def view():
    # ruleid: robustness-unbounded-recursion
    return str(total(int(request.args["n"])))


# ok: robustness-unbounded-recursion
def fine(n):
    if n == 0:
        return 1
    return n * fine(n - 1)


# ok: robustness-unbounded-recursion
def short(n):
    return n and short(n - 1)


class Proxy:
    # ok: robustness-unbounded-recursion
    def send(self, x):
        return self.inner.send(x)
