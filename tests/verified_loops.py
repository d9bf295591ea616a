"""Loops that the verifier proves, each with a twin that is broken in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Loop:
    source: str
    function: str
    requires: tuple[str, ...]
    ensures: tuple[str, ...]
    level: str
    right: str
    wrong: str

    @property
    def twin(self) -> str:
        """The broken source: the last place is another."""
        assert self.right in self.source
        return self.wrong.join(self.source.rsplit(self.right, 1))


SUM = """
def total(n: int) -> int:
    t = 0
    for i in range(1, n + 1):
        t += i
    return t
"""
GCD = """
import math
def divisor(a: int, b: int) -> int:
    while b:
        # invariant: math.gcd(a, b) == math.gcd(old(a), old(b))
        a, b = b, a % b
    return a
"""
ROOT = """
def root(n: int) -> int:
    x = 0
    while (x + 1) * (x + 1) <= n:
        x += 1
    return x
"""
SEARCH = """
def search(xs: list[int], t: int) -> int:
    lo, hi = 0, len(xs) - 1
    while lo <= hi:
        mid = (lo + hi) // 2
        if xs[mid] == t:
            return mid
        if xs[mid] < t:
            lo = mid + 1
        else:
            hi = mid - 1
    return -1
"""
PARTITION = """
def partition(xs: list[int], p: int) -> list[int]:
    small, large = [], []
    for x in xs:
        if x < p:
            small.append(x)
        else:
            large.append(x)
    return small + large
"""
LARGEST = """
def largest(xs: list[int]) -> int:
    best = xs[0]
    for x in xs:
        if x > best:
            best = x
    return best
"""
POWER = """
def power(b: int, e: int) -> int:
    r = 1
    x, n = b, e
    while n > 0:
        # invariant: r * x ** n == old(b) ** old(e)
        # invariant: n >= 0
        if n % 2 == 1:
            r = r * x
        x = x * x
        n = n // 2
    return r
"""
FIBONACCI = """
def fast(n: int) -> int:
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a
def slow(n: int) -> int:
    return n if n < 2 else slow(n - 1) + slow(n - 2)
"""
INSERT = """
def insert(xs: list[int], v: int) -> list[int]:
    i = 0
    while i < len(xs) and xs[i] < v:
        i += 1
    return xs[:i] + [v] + xs[i:]
"""
SORTED = "all(xs[i] <= xs[i + 1] for i in range(len(xs) - 1))"
LOOPS = {
    "sum of 1 to n": Loop(SUM, "total", ("n >= 0",), ("result == n * (n + 1) // 2",), "PROVED", "n + 1):", "n):"),
    "gcd divides both": Loop(
        GCD,
        "divisor",
        ("a > 0", "b > 0"),
        ("old(a) % result == 0", "old(b) % result == 0"),
        "PROVED",
        "return a",
        "return a + 1",
    ),
    "integer square root": Loop(
        ROOT, "root", ("n >= 0",), ("result * result <= n < (result + 1) * (result + 1)",), "PROVED", "<= n", "< n"
    ),
    "binary search": Loop(
        SEARCH,
        "search",
        (),
        ("result == -1 or 0 <= result < len(xs) and xs[result] == t",),
        "PROVED",
        "return mid",
        "return lo",
    ),
    "a partition keeps the items": Loop(
        PARTITION, "partition", (), ("sorted(result) == sorted(xs)",), "BOUNDED", "large.append(x)", "large = [x]"
    ),
    "the largest is in the list": Loop(
        LARGEST,
        "largest",
        ("len(xs) > 0",),
        ("result in xs", "all(x <= result for x in xs)"),
        "PROVED",
        "x > best",
        "x < best",
    ),
    "fast exponentiation": Loop(POWER, "power", ("e >= 0",), ("result == b ** e",), "PROVED", "n % 2 == 1", "n % 2 == 0"),
    "Fibonacci": Loop(FIBONACCI, "fast", ("n >= 0",), ("result == slow(n)",), "BOUNDED", "a, b = 0, 1", "a, b = 1, 1"),
    "insertion keeps the order": Loop(
        INSERT, "insert", (SORTED,), (SORTED.replace("xs", "result"),), "BOUNDED", "xs[i] < v", "xs[i] > v"
    ),
}
