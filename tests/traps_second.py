"""More programs that break their contracts on CPython: none may be proved. What changes while it is gone through, what is
worked out late, and what CPython refuses."""

from __future__ import annotations

TRAPS_SECOND: list[tuple[str, list[str], list[str], list[str]]] = [
    (
        """def f(n: int, s: str) -> int:
    zs = [[0] for _ in range(n)]
    zs[0][0] = 1
    return zs[0][0]
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    zs = [[] for _ in range(n)]
    zs[0].append(5)
    return len(zs[0])
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    zs = [[0, 0] for _ in range(n)]
    for i in range(n):
        zs[i][0] = i + 1
    return zs[0][0]
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    ys = [1]
    zs = [ys for _ in range(n)]
    zs[0].append(2)
    return len(ys)
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    ys = [1]
    zs = [ys for _ in range(n)]
    ys.append(2)
    return len(zs[0])
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    ys = [1]
    zs = [[ys] for _ in range(n)]
    ys.append(2)
    return len(zs[0][0])
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 1"],
        [],
    ),
    (
        """class Box:
    def __init__(self, v: int):
        self.v = v
def f(n: int, s: str) -> int:
    b = Box(0)
    zs = [b for _ in range(n)]
    zs[0].v = 1
    return b.v
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 0"],
        [],
    ),
    (
        """class Box:
    def __init__(self, v: int):
        self.v = v
def f(n: int, s: str) -> int:
    b = Box(0)
    zs = [b for _ in range(n)]
    return 1 if zs[0] is b else 0
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    zs = [{} for _ in range(n)]
    zs[0][1] = 2
    return len(zs[0])
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    zs = [(i, []) for i in range(n)]
    zs[0][1].append(1)
    return len(zs[0][1])
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    zs = [[0] for _ in range(n)]
    for row in zs:
        row[0] = 1
    return zs[0][0]
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    zs = [[0] for _ in range(n)]
    ys = [zs[0]]
    ys[0][0] = 1
    return zs[0][0]
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    ys = [1]
    zs = [ys.append for _ in range(n)]
    zs[0](2)
    return len(ys)
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 1"],
        [],
    ),
    (
        """class Box:
    def __init__(self, v: int):
        self.v = v
    def up(self):
        self.v += 1
def f(n: int, s: str) -> int:
    b = Box(0)
    zs = [b.up for _ in range(n)]
    zs[0]()
    return b.v
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 0"],
        [],
    ),
    (
        """class Box:
    def __init__(self, v: int):
        self.v = v
def f(n: int, s: str) -> int:
    b = Box(0)
    ys = [x.v for x in [b] * n]
    b.v = 5
    return ys[0]
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 5"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    d = {1: 1}
    ks = d.keys()
    zs = [len(ks) for _ in range(n)]
    d[2] = 2
    return zs[0]
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    xs = [(ys, 1) for ys in [[1]] for _ in range(3)]
    zs = [xs for _ in range(n)]
    xs[0][0].append(2)
    return len(zs[0][0][0])
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int, m: int) -> int:
    g = [[0] for _ in range(m)]
    g[0][0] = 1
    return g[0][0]
""",
        ["n * 7 == 700007", "m > 0"],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[tuple[list[int], int]]) -> int:
    xs[0][0].append(1)
    return len(xs[0][0])
""",
        ["len(xs) >= 50"],
        ["result == len(old(xs)[0][0])"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1, 2, 3, 4]
    return len([xs.pop() for x in xs])
""",
        [],
        ["result == 4"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1, 2: 2}
    return len([d.pop(k) for k in d])
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1, 2, 3, 4]
    any(xs.pop() == 0 for x in xs)
    return len(xs)
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [0, 1]
    return 1 if all(xs.pop() == 1 for _ in xs) else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1, 2, 3, 4]
    min(xs.pop() for _ in xs)
    return len(xs)
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1, 2, 3, 4]
    return sum(xs.pop() for _ in xs)
""",
        [],
        ["result == 10"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1, 2, 3, 4]
    max(xs, key=lambda x: xs.pop())
    return len(xs)
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1, 2, 3]
    return len([x for x in xs if xs.remove(x) is None])
""",
        [],
        ["result == 3"],
        [],
    ),
    (
        """def f(n: int) -> int:
    s = {1, 2}
    return len([s.add(x + 10) for x in s])
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    e = {k: d.setdefault(k + 1, 0) for k in d}
    return len(e)
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1, 2: 2}
    return len([d.update({k + 10: 1}) for k, v in d.items()])
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = ["a", "b"]
    return len(" ".join([xs.pop() for _ in xs]).split())
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1, 2]
    return len([xs.pop() for _ in [0] for y in xs])
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1, 2]
    return len([xs.pop() for x, y in zip(xs, [3, 4])])
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1, 2, 3]
    return len({xs.pop() for x in xs})
""",
        [],
        ["result == 3"],
        [],
    ),
    (
        """def f(n: int) -> int:
    c = []
    def g(x):
        c.append(x)
        return x
    try:
        sum(g(x) for x in [1, "a", 2])
    except TypeError:
        pass
    return len(c)
""",
        [],
        ["result == 3"],
        [],
    ),
    (
        """def f(n: int) -> int:
    return sum(x if x else 1 // 0 for x in ["a", 0])
""",
        [],
        ["result == 0"],
        ["ZeroDivisionError"],
    ),
    (
        """def f(n: int) -> int:
    return max(x if x else 1 // 0 for x in [1, "a", 0])
""",
        [],
        ["result == 0"],
        ["ZeroDivisionError"],
    ),
    (
        """def f(n: int) -> int:
    c = []
    def g(x):
        c.append(0)
        return x
    try:
        {g(x): 1 for x in [1, [], 2]}
    except TypeError:
        pass
    return len(c)
""",
        [],
        ["result == 3"],
        [],
    ),
    (
        """def f(n: int) -> int:
    c = []
    def g(x):
        c.append(0)
        return x
    try:
        {g(x) for x in [1, [], 2]}
    except TypeError:
        pass
    return len(c)
""",
        [],
        ["result == 3"],
        [],
    ),
    (
        """def f(n: int) -> int:
    k = 0
    t = 0
    for a, b in zip(map(lambda x: x + k, [1, 1]), [0, 0]):
        k += 10
        t += a
    return t
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    k = 0
    t = 0
    for i, a in enumerate(x + k for x in [1, 1]):
        k += 10
        t += a
    return t
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    ys = [0]
    zs = [ys.append(y) for y in (x + len(ys) for x in [1, 1])]
    return ys[2]
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    xs.extend(iter(xs))
    return len(xs)
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    xs.extend(x for x in xs)
    return len(xs)
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    xs += map(abs, xs)
    return len(xs)
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    xs += zip(xs, [5, 6, 7])
    return len(xs)
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    xs.extend(enumerate(reversed(xs)))
    return len(xs)
""",
        [],
        ["result == 3"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    xs.extend(map(lambda x: x + len(xs), [0, 0]))
    return xs[2]
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    xs.extend(len(ys) for ys in [xs, xs])
    return xs[2]
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    b = [xs]
    xs += (len(b[0]) for _ in range(2))
    return xs[2]
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1, 2: 2}
    d.update(zip([9, 8], d))
    return len(d)
""",
        [],
        ["result == 4"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1, 2: 2}
    d.update((k + 5, 0) for k in d)
    return len(d)
""",
        [],
        ["result == 4"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {(1, 2): 1}
    d.update(d.keys())
    return len(d)
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    ys = [1]
    return sum((x for x in ys), ys.append(5) or 0)
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    k = 1
    return sum((x * k for x in [1]), (k := 0))
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    ys = [1]
    return (lambda g, _: sum(g))((x for x in ys), ys.append(3))
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    return len(list(zip((x for x in xs), [xs.append(2), xs.append(3)])))
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = ["a", "b"]
    return len((lambda g, _: "".join(g))((c for c in xs), xs.append("c")))
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [[1]]
    return sum((len(x) for x in xs), xs[0].append(5) or 0)
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    k = 1
    return sum(map(lambda x: x * k, [1]), (k := 0))
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    k = 1
    def g():
        nonlocal k
        k = 0
        return 0
    return sum((x * k for x in [1]), g())
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """class Box:
    def __init__(self, v: int):
        self.v = v
    def up(self):
        self.v += 1
def f(n: int) -> int:
    b = Box(1)
    return sum((b.v for x in [1]), b.up() or 0)
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    ys = [2]
    return min((x + len(ys) for x in [3, 1]), key=lambda x: ys.append(0) or x)
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    c = []
    def g(x):
        c.append(x)
        return x
    min((g(x) for x in [3, 1]), key=lambda x: c.append(9) or x)
    return c[1]
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """class C:
    def __init__(self):
        self.n = 0
    @property
    def tick(self):
        self.n += 1
        return self.n
def f(n: int) -> int:
    c = C()
    return (lambda g, k: k * 10 + sum(g))((c.tick for _ in [1]), c.tick)
""",
        [],
        ["result == 21"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    if n == 0:
        return 5
    if n == 1:
        try:
            return f(n - 1, s)
        except ZeroDivisionError:
            return 1
    return 1
""",
        ["10 // n > 0 and n < 11 and len(s) >= 50"],
        ["result == 1"],
        [],
    ),
    (
        """from functools import cache
@cache
def g(x, y):
    return 2 if isinstance(x, bool) else 1 if isinstance(x, int) else 0
def f(n: int) -> int:
    g(1, 2)
    return g(True, 2)
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """from functools import cache
@cache
def g(x, y):
    return 2 if isinstance(x, bool) else 1 if isinstance(x, int) else 0
def f(n: int) -> int:
    return g(1.0, 0) + g(True, 0) + g(1, 0)
""",
        [],
        ["result == 3"],
        [],
    ),
    (
        """from functools import cache
@cache
def g(x, y):
    return 2 if isinstance(x, bool) else 1 if isinstance(x, int) else 0
def f(n: int) -> int:
    return g(0, 0) + g(n == 5, 0)
""",
        [],
        ["result == 3"],
        [],
    ),
    (
        """import math
from functools import cache
@cache
def g(x):
    return math.copysign(1.0, x)
def f(n: int) -> int:
    g(0.0)
    return 1 if g(-0.0) < 0 else 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """from functools import cache
@cache
def g(x):
    return isinstance(x[0], bool)
def f(n: int) -> int:
    g((1, 2))
    return 1 if g((True, 2)) else 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """import time
from functools import cache
@cache
def g():
    return time.monotonic()
def f(n: int) -> int:
    a = g()
    b = time.monotonic()
    return 1 if g() >= b else 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """y = 7
def f(n: int, s: str) -> int:
    zs = [y for i in range(n)]
    y = 5
    return zs[0]
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 7"],
        [],
    ),
    (
        """y = 7
def f(n: int, s: str) -> int:
    zs = [[y for y in [1, 2]][0] + y for i in range(n)]
    y = 5
    return zs[0]
""",
        ["n > 0", "len(s) >= 50"],
        ["result == 8"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    t = 0
    for k in d:
        del d[k]
        d[k] = 2
        t += 1
        if t > 5:
            break
    return t
""",
        [],
        ["result <= 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    s = {1}
    t = 0
    for k in s:
        s.remove(k)
        s.add(k)
        t += 1
        if t > 5:
            break
    return t
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    it = iter(d)
    del d[1]
    d[1] = 2
    return next(it)
""",
        [],
        ["result == 5"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1, 2: 2}
    t = 0
    for k, v in d.items():
        t += v
        d[2] = 7
    return t
""",
        [],
        ["result == 3"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [3, 1]
    xs.sort(key=lambda x: len(xs) * x)
    return xs[0]
""",
        [],
        ["result <= 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [2, 1]
    xs.sort(key=lambda x: xs.append(5) or x)
    return 2
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    sorted([1, "a", 0], key=lambda x: x if x != 0 else 1 // 0)
    return 1
""",
        [],
        ["True"],
        ["TypeError"],
    ),
    (
        """def f(n: int) -> int:
    xs = [2, 3, 1, "a"]
    try:
        xs.sort()
    except TypeError:
        pass
    return xs[0]
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    sorted([1], 5)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    sorted()
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    xs *= 1.5
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    xs *= '2'
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    xs *= None
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    xs.insert(None, 5)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    max(1, 2, default=3)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    enumerate([1], 1, start=2)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    sum([1], 1, start=2)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    any((x > 0 for x in [1]), key=1)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    all((x > 0 for x in [1]), default=1)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1]
    xs.insert('a', 1)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from collections import defaultdict
def f(n: int) -> int:
    d = defaultdict(0)
    return len(d)
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from collections import defaultdict
def f(n: int) -> int:
    d = defaultdict([])
    return len(d)
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = []
    return xs.pop('a')
""",
        [],
        ["True"],
        ["IndexError"],
    ),
    (
        """def f(n: int) -> int:
    xs = []
    return xs.pop(None)
""",
        [],
        ["True"],
        ["IndexError"],
    ),
    (
        """class C:
    def __init__(self):
        return 5
def f(n: int) -> int:
    C()
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    return len(sum(xs, []))
""",
        [],
        ["result > 0"],
        ["TypeError"],
    ),
    (
        """def f(x: float) -> int:
    xs = [1]
    xs *= x
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: tuple[list[int], ...]) -> int:
    return len({xs: 1})
""",
        ["len(xs) >= 50"],
        ["result <= 1"],
        [],
    ),
    (
        """def f(xs: tuple[list[int], ...]) -> int:
    hash(xs)
    return 1
""",
        ["len(xs) >= 50"],
        ["result <= 1"],
        [],
    ),
    (
        """def f(xs: tuple[list[int], ...]) -> int:
    return 1 if xs in {1: 2} else 0
""",
        ["len(xs) >= 50"],
        ["result <= 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    return 1 if [1] in d.keys() else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    return 1 if ([1], 2) in d.items() else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    return len({d.keys(): 1})
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    return len({d.items(), 5})
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    hash(d.keys())
    return 1
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    return d[0:1]
""",
        [],
        ["True"],
        ["KeyError"],
    ),
    (
        """def f(n: int) -> int:
    try:
        return 1 if {2} in {1} else 0
    except TypeError:
        return 5
""",
        [],
        ["result == 5"],
        [],
    ),
    (
        """def f(n: int) -> int:
    s = {frozenset({2})}
    try:
        s.discard({2})
    except TypeError:
        pass
    return len(s)
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    s = {1}
    s.discard([1])
    return len(s)
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    s = {1}
    s.remove([1])
    return len(s)
""",
        [],
        ["True"],
        ["KeyError"],
    ),
    (
        """def f(n: int) -> int:
    s = {0.0} & {-0.0}
    return 1 if str(list(s)[0]) == "0.0" else 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    s = {0.0}.intersection([-0.0])
    return 1 if str(list(s)[0]) == "0.0" else 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    s = {(1, 2)} & {(True, 2)}
    return 0 if list(s)[0][0] is True else 1
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    s = {(1, 2)}
    s &= {(True, 2)}
    return 0 if list(s)[0][0] is True else 1
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    try:
        return 1 if d.keys() <= {1, 2} else 0
    except TypeError:
        return 5
""",
        [],
        ["result == 5"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    try:
        return 1 if {1} <= d.keys() else 0
    except TypeError:
        return 5
""",
        [],
        ["result == 5"],
        [],
    ),
    (
        """def f(n: int) -> int:
    try:
        return {}.pop([1], 3)
    except TypeError:
        return 5
""",
        [],
        ["result == 5"],
        [],
    ),
    (
        """def f(n: int) -> int:
    def g(a: Undefined) -> int:
        return a
    return 1
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    def g(a: int) -> Undefined:
        return a
    return 1
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    def g(*, a: 'int' | int = 3) -> int:
        return a
    return 1
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """from typing import Optional
def f(n: int) -> int:
    def g(a: Optional[int, str]) -> int:
        return a
    return 1
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    c = []
    def g(a: c.append(1)) -> int:
        return a
    return len(c)
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    undefined_name[0]: int
    return 1
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass
class Own:
    a: int = 3
    def __init__(self):
        pass
def f(n: int) -> int:
    return 1 if Own() == Own() else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass
class Own:
    a: int
    def __init__(self):
        pass
def f(n: int) -> int:
    return 1 if Own() == Own() else 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    d.update([(1, 2, 3)])
    return len(d)
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {}
    try:
        d.update([(1, 2), (3, 4, 5)])
    except ValueError:
        pass
    return len(d)
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {}
    try:
        d.update([(1, 2), 5])
    except TypeError:
        pass
    return len(d)
""",
        [],
        ["result == 0"],
        [],
    ),
]
