"""Programs that break their contracts on CPython by rules of the language that are easy to overlook: none may be proved."""

from __future__ import annotations

TRAPS: list[tuple[str, list[str], list[str], list[str]]] = [
    # source, requires, ensures, raises
    (
        """def f(n: int, xs: list[int]) -> int:
    if len(xs) < 50:
        return n - 2
    m = n
    while (m := m - 1) > 0:
        pass
    return m
""",
        [],
        ["result <= n - 2"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    if len(xs) < 50:
        return 0
    n = len(xs)
    while len(xs) > 0 and xs.pop() > 0:
        pass
    return n - len(xs)
""",
        [],
        ["result != 1"],
        [],
    ),
    (
        """def f(n: int, xs: list[int]) -> int:
    if len(xs) < 50:
        return 0
    m = n
    i = 0
    while (i := i + 1) <= n:
        pass
    return i
""",
        [],
        ["implies(len(xs)>50, result >= 2)"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    y = 0
    zs = [(y := x) for x in xs]
    return y
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class B:
    def __init__(self): self.v = 0
class C(object):
    def m(self): return 1
class D:
    def m(self): return 2
class E(C, D):
    pass
def f(x: int) -> int:
    return E().m()
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """x = 1
class C:
    x = 5
    y = x + 1
def f(n: int) -> int:
    return C.y
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """from dataclasses import dataclass
class B:
    def __init__(self): self.v = 0
@dataclass
class P:
    b: B = B()
def f(n: int) -> int:
    p = P()
    q = P()
    p.b.v = n
    return q.b.v
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def g(): return 1
def k(x: int, d=g()) -> int: return d
def g(): return 2
def f(n: int) -> int:
    return k(n)
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """def g(): return 1
def h(): return g()
Y = h()
def g(): return 2
def f(n: int) -> int:
    return Y
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """from functools import cache
@cache
def g(n): return [n]
def f(n: int) -> int:
    a = g(1)
    a.append(2)
    return len(g(1))
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """from functools import cache
@cache
def g(n): return len(n)
def f(xs: list[int]) -> int:
    return g(xs)
""",
        [],
        ["result >= 0"],
        [],
    ),
    (
        """def cache(fn): return lambda x: 0
@cache
def g(n): return n
def f(n: int) -> int:
    return g(n)
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass(frozen=True)
class P:
    a: int = 0
def f(n: int) -> int:
    p = P()
    p.a = n
    return p.a
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass(eq=False)
class P:
    a: int = 0
def f(n: int) -> int:
    return 1 if P(n) == P(n) else 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    if len(xs) < 50:
        return 0
    for x in xs:
        def g(): return 1
    try:
        return g()
    except NameError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    if len(xs) < 50:
        return 0
    for x in xs:
        import math as m
    try:
        return m.gcd(1, 1)
    except NameError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    for x in xs:
        xs += [1]
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    for i, x in enumerate(xs):
        xs.append(x)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    n = 0
    for x in iter(xs):
        xs.pop()
        n += 1
    return n
""",
        [],
        ["result == len(old(xs))"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    g = (x for x in xs)
    xs.append(3)
    return len(list(g))
""",
        [],
        ["result == len(old(xs))"],
        [],
    ),
    (
        """class C:
    def __init__(self):
        self.n = 0
    @property
    def nxt(self):
        self.n += 1
        return self.n
def f(x: int) -> int:
    c = C()
    b = x > 0 and c.nxt > 0
    return c.n
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(x: int, xs: list[int]) -> int:
    it = iter(xs)
    if x > 0 and sum(it) > 0:
        pass
    return len(list(it))
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    it = iter(xs)
    any(it)
    return len(list(it))
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    if len(s) < 50 or n < -5: return 0
    if n <= 0: return 0.5
    r = f(n - 1, s)
    return r if r == 0 else r - 1
""",
        [],
        ["result >= 0"],
        [],
    ),
    (
        """def f(k: int, xs: list[int]) -> int:
    i = 0
    while i < k:
        assert xs.pop() is not None
        i += 1
    return len(xs)
""",
        ["len(xs) > k", "len(xs) > 40"],
        ["result < len(old(xs))"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    if len(xs) < 50:
        return 0
    for i in range(1, len(xs)):
        xs[i] = None
    return 1 if xs[1] is None else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    if len(xs) < 50:
        return 0
    n = len(xs)
    ys = [1]
    for i in range(n):
        # invariant: len(ys) > 0
        ys.append(None)
    return 1 if ys[1] is None else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: int) -> int:
    return 1 if type(x) == int else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class C:
    def m(self): return 1
def f(x: int) -> int:
    c = C()
    return 1 if c.m == c.m else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: int) -> bool:
    nan = float('nan')
    return sorted([2.0, 1.0, nan, 0.0])[0] == 1.0
""",
        [],
        ["result"],
        [],
    ),
    (
        """def f(x: float) -> bool:
    d = {x: 1}
    return x in d
""",
        [],
        ["result == (x == x)"],
        [],
    ),
    (
        """def f(x: float) -> bool:
    return {x: 1} == {x: 1}
""",
        [],
        ["result == (x == x)"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass
class A:
    x: int = 1
    y: int = 2
@dataclass
class B(A):
    x: int = 5
def f(n: int) -> int:
    return B().x
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass
class A:
    x: int = 1
class B(A):
    pass
def f(n: int) -> int:
    return 1 if B() == B() else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass
class A:
    x: int = 1
class B(A):
    pass
def f(n: int) -> int:
    try:
        return B(n).x
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from dataclasses import dataclass
from typing import ClassVar
@dataclass
class A:
    c: ClassVar[int] = 3
    x: int = 1
def f(n: int) -> int:
    return A(n).x
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """class A:
    def m(self): return 1
class B(A):
    m = 5
def f(n: int) -> int:
    return 1 if B().m == 5 else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def g(*a): return len(a)
class A:
    m = g
def f(n: int) -> int:
    return A().m()
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class A:
    def __init__(self):
        self.__v = 1
    def get(self): return self.__v
class B(A):
    def put(self):
        self.__v = 2
def f(n: int) -> int:
    b = B()
    b.put()
    return b.get()
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """class A:
    __slots__ = ("a",)
def f(n: int) -> int:
    x = A()
    x.b = n
    return x.b
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """def f(n: int) -> int:
    s = {1} & {True}
    return 1 if list(s)[0] is True else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    return 1 if range(5)[1:3] == (1, 2) else 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(s: str) -> str:
    return s.replace("a", "b", 1)
""",
        [],
        ['result == "x"'],
        ["TypeError"],
    ),
    (
        """def f(xs: list[int]) -> int:
    try:
        "abc".count("a", 0)
    except TypeError:
        return 1
    return 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """import math
def f(n: int) -> int:
    try:
        math.gcd(1, 2, 3)
    except TypeError:
        return 1
    return 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """from collections import defaultdict
def f(n: int) -> int:
    try:
        defaultdict(int, {1: 2})
    except TypeError:
        return 1
    return 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """class B:
    def __init__(self): self.n = 0
class E(Exception):
    def __init__(self, b):
        b.n += 1
def f(n: int) -> int:
    b = B()
    try:
        raise E(b)
    except E:
        return b.n
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    raise ValueError from 1 // n
""",
        [],
        ["True"],
        ["ValueError"],
    ),
    (
        """def f(n: int) -> int:
    assert n > 0, 1 // n
    return n
""",
        [],
        ["True"],
        ["AssertionError"],
    ),
    (
        """def old(x): return x + 1
def f(n: int) -> int:
    return old(n)
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    if len(xs) < 50:
        return 0
    n = len(xs)
    while len(xs) > 1 and xs.pop() > 0:
        pass
    return n - len(xs)
""",
        [],
        ["result != 1"],
        [],
    ),
    (
        """def implies(a, b): return False
def f(n: int) -> int:
    return 1 if implies(True, True) else 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    fs = [lambda: i for i in range(3)]
    return fs[0]()
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n < 100:
        return 0
    ys = [1]
    i = 0
    while i < n:
        # invariant: len(ys) > 0
        ys.append(None)
        i += 1
    return 1 if len(ys) > 1 and ys[1] is None else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n < 100:
        return 0
    if all(sum([i for j in range(n)]) == n * i for i in range(n)):
        return 1
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int, x: int, s: str) -> int:
    if len(s) < 50:
        return 0
    if n <= 0:
        return 0 if isinstance(x, int) else 1
    return f(n - 1, None, s)
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1, 2: 2}
    t = 0
    for k, v in d.items():
        d[2] = 10
        t += v
    return t
""",
        [],
        ["result == 3"],
        [],
    ),
    (
        """def f(n: int) -> int:
    k = 1
    g = (x * k for x in [n])
    k = 0
    return sum(g)
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """def f(n: int) -> int:
    ys = [0]
    m = map(ys.append, [n])
    return len(ys)
""",
        [],
        ["result == 2"],
        [],
    ),
    (
        """GL = []
def setup(): GL.append(1)
setup()
def f(n: int) -> int:
    return len(GL)
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """GL = []
Y = GL
Y.append(1)
def f(n: int) -> int:
    return len(GL)
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """REG = []
def reg(fn):
    REG.append(fn)
    return fn
@reg
def g(): pass
def f(n: int) -> int:
    return len(REG)
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from enum import Enum
class Color(Enum):
    RED = 1
def f(n: int) -> int:
    return 1 if Color.RED == 1 else 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    it = iter([1, 2, 3])
    for a, b in zip(it, [0]):
        pass
    return len(list(it))
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    it = iter([1, 2, 3])
    for a in it:
        break
    return len(list(it))
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[int], n: int) -> int:
    if len(xs) < 50:
        return 0
    while len(xs) > 5 and xs.pop() > 0:
        pass
    return len(xs)
""",
        [],
        ["result < len(old(xs)) - 1 or len(old(xs)) < 50"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    if len(xs) < 50: return 0
    ok = 0
    for x in xs:
        try:
            raise ValueError
        except ValueError as ok:
            pass
    return ok
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class C:
    def __init__(self): self.n = 0
    def __add__(self, o):
        self.n += 1
        return 1
def f(x: int) -> int:
    c = C()
    if x > 0 and c + 1 > 0:
        pass
    return c.n
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """class C:
    @staticmethod
    def s(): return 1
def f(n: int) -> int:
    c = C()
    return 1 if c.s is c.s else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: 1}
    it = iter(d)
    d[2] = 2
    return len(list(it))
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1, 2, 3, 4]
    for i, x in enumerate(xs):
        if x == 2:
            xs.remove(x)
    return i
""",
        [],
        ["result == 3"],
        [],
    ),
    (
        """def f(n: int) -> int:
    xs = [1, 2]
    r = reversed(xs)
    xs[0] = 9
    return list(r)[1]
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    y = 0
    zs = [(y := x) for x in [n, 7]]
    return y
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(a: int, b: int) -> int:
    w = -1
    if any((w := x) > 0 for x in [a, b]):
        return 0
    return w
""",
        [],
        ["result <= 0 and (result == -1 or result == 0)"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    t = 0
    for i, x in enumerate(xs):
        xs += [x]
        t += 1
    return t
""",
        [],
        ["result >= 0"],
        [],
    ),
    (
        """def f(xs: list[int], ys: list[int]) -> int:
    t = 0
    for a, b in zip(xs, ys):
        ys.append(b)
        xs.append(a)
        t += 1
    return t
""",
        [],
        ["result >= 0"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass(init=False)
class P:
    a: int = 3
def f(n: int) -> int:
    try:
        return P(n).a
    except TypeError:
        return -1
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass
class P:
    a: int = 3
def f(n: int) -> int:
    p = P(n)
    p.b = 1
    q = P(n)
    q.b = 2
    return 1 if p == q else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class A:
    def m(self): return 1
class B(A):
    pass
class C(A):
    def m(self): return 2
class D(C, B):
    pass
def f(n: int) -> int:
    return D().m()
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(b: bool) -> bool:
    return isinstance(max(b, 0), bool)
""",
        [],
        ["result == b"],
        [],
    ),
    (
        """def f(n: int) -> int:
    try:
        raise ValueError(*[1 // n])
    except ValueError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """Z = 4
def f(n: int) -> int:
    g = lambda: (Z := 5)
    try:
        return Z
    except NameError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(s: str) -> int:
    try:
        return len(s.replace("a", "bb", 0))
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class C:
    def __init__(self, v: int):
        self.v = v
    @property
    def p(self):
        self.v += 1
        return self.v
def f(n: int) -> int:
    c = C(0)
    return 5 if n > 0 and c.p > 1 else c.v
""",
        [],
        ["n > 0 or result == 1"],
        [],
    ),
    (
        """from collections import defaultdict
def f(n: int) -> int:
    d = defaultdict(int)
    if n > 0 and d[n] > 0:
        pass
    return len(d)
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int) -> int:
    try:
        return 1 if (1, "a") < (2, 1) else 0
    except TypeError:
        return 5
""",
        [],
        ["result == 5"],
        [],
    ),
    (
        """def f(a: int, b: int) -> int:
    try:
        return 1 if (a, "a") < (b, 1) else 0
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
        return len(list(enumerate([1], 0.5)))
    except TypeError:
        return 5
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """class C:
    def __init__(self): self.n = 0
    def __add__(self, o): return 1
    def __iadd__(self, o): return 2
def f(n: int) -> int:
    c = C()
    c += 1
    return c
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """class C:
    def __ne__(self, o): return False
def f(n: int) -> int:
    return 1 if C() != C() else 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """from dataclasses import dataclass
class A:
    def __init__(self): self.z = 0
@dataclass
class B(A):
    x: int = 1
def f(n: int) -> int:
    try:
        return B().z
    except AttributeError:
        return 7
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class C:
    def __add__(self, o): return NotImplemented
def f(n: int) -> int:
    try:
        c = C() + 1
        return 0
    except TypeError:
        return 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def g(): raise KeyError
def f(n: int) -> int:
    try:
        raise ValueError from g()
    except ValueError:
        return 0
    except KeyError:
        return 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[int], k: int) -> int:
    if len(xs) < 50 or k > 40:
        return -1
    i = 0
    while i < k:
        assert isinstance(xs.pop(), int)
        i += 1
    return len(xs)
""",
        [],
        ["result != len(old(xs)) or len(old(xs)) < 50"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    if len(s) < 50:
        return 0
    if n <= 0:
        return None
    r = f(n - 1, s)
    return 1 if r is None else 0
""",
        [],
        ["result is None or result == 0"],
        [],
    ),
    (
        """class property:
    def __init__(self, g): self.g = g
class C:
    @property
    def p(self): return 1
def f(n: int) -> int:
    return C().p if isinstance(C().p, int) else 0
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass(order=True, kw_only=True)
class P:
    a: int = 0
def f(n: int) -> int:
    try:
        return P(n).a
    except TypeError:
        return 3
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    t = 0
    for x in reversed(xs):
        xs.clear()
        t += 1
    return t
""",
        [],
        ["result == len(old(xs))"],
        [],
    ),
    (
        """def f(n: int) -> int:
    d = {1: [0]}
    e = d.copy()
    e[1].append(n)
    return len(d[1])
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    if len(s) < 50:
        return 0
    i = 0
    while (i := i + 1) < n:
        pass
    return i
""",
        [],
        ["result == 0 or result >= 2"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    if len(s) < 50 or n < 60:
        return 0
    ys = [1]
    i = 0
    while i < n:
        # invariant: len(ys) > 0
        ys.append(0.5)
        i += 1
    return 1 if len(ys) > 1 and isinstance(ys[1], float) else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    if len(s) < 50:
        return 0
    ys = [1]
    for i in range(n):
        ys = ys + [0.5]
    t = 0
    for y in ys:
        if isinstance(y, float):
            t = 1
    return t
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[int], s: str) -> int:
    if len(s) < 50 or len(xs) < 2:
        return 0
    i = 1
    while i < len(xs):
        xs[i] = True
        i += 1
    return 1 if isinstance(xs[1], bool) else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    if len(xs) < 50:
        return 0
    def g(): return 0
    for x in xs:
        def g(): return 1
    return g()
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: list[int]) -> int:
    if len(xs) < 50:
        return -1
    n = len(xs)
    c = 0
    while len(xs) > 10 and (c := c + 1) > 0 and xs.pop() > 0:
        pass
    return c
""",
        [],
        ["result != 1"],
        [],
    ),
    (
        """def f(xs: list[int], s: str) -> int:
    if len(s) < 50:
        return 0
    n = 0
    while (n := n + 2) < len(xs):
        pass
    return n
""",
        [],
        ["result == 0 or result >= 4"],
        [],
    ),
    (
        """def f(n: int, s: str) -> int:
    if len(s) < 50 or n < -5:
        return 0
    if n <= 0:
        return 0.5
    r = g(n, s)
    return r if r == 0 else r - 1


def g(n: int, s: str) -> int:
    return f(n - 1, s)
""",
        [],
        ["result >= 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    while n != 1:
        if n % 2:
            n = n + 2
        else:
            n //= 2
    return n
""",
        ["n > 0"],
        ["result == 1"],
        [],
    ),
    (
        """import functools


def twice(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args) * 2
    return inner


@twice
def f(x: int) -> int:
    return 1
""",
        [],
        ["result == 1"],
        [],
    ),
]
