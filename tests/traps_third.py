"""More programs that break their contracts on CPython: hints, objects, contracts of what is called, names, imports,
exceptions and machine words. None may be proved.

`if n * 7 != 700007` keeps a search by samples from stumbling on what breaks the contract.
"""

from __future__ import annotations

TRAPS_THIRD: list[tuple[str, list[str], list[str], list[str]]] = [
    # source, requires, ensures, raises
    # -- hints
    (
        """from typing import Literal
def f(mode: Literal["fast"] | list[int]) -> int:
    return 1 if len(mode) == 9 else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from typing import Literal, Union
def f(mode: Union[Literal["a"], list[int]]) -> int:
    return 1 if len(mode) == 9 else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: tuple['int', list[int]]) -> int:
    return 1 if len(x[1]) == 9 else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from typing import Optional
def f(x: Optional[tuple]) -> int:
    return 1 if x is not None and len(x) == 9 else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: tuple[tuple, int]) -> int:
    return 1 if len(x[0]) == 9 else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import collections
def f(x: collections.defaultdict[int, int]) -> int:
    return 1 if len(x) == 9 else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: "list[list[int]]") -> int:
    return 1 if xs and len(xs[0]) == 9 else 0
""",
        ["len(xs) <= 1"],
        ["result == 0"],
        [],
    ),
    (
        """import typing as t
def f(xs: t.Sequence[int]) -> bool:
    return len(xs) < 50 or isinstance(xs, list)
""",
        [],
        ["result"],
        [],
    ),
    (
        """list = tuple
def f(xs: list[int]) -> int:
    if len(xs) < 50:
        return 0
    xs.append(1)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """int = float
def f(n: int) -> bool:
    return n == n
""",
        [],
        ["result"],
        [],
    ),
    (
        """from typing import Sequence as list
def f(xs: list[int]) -> int:
    if len(xs) < 50:
        return 0
    xs.append(1)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from collections.abc import Set
def f(xs: Set[int]) -> int:
    if len(xs) < 50:
        return 0
    xs.add(1)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class C:
    int = str
    @staticmethod
    def g(n: int) -> bool:
        return isinstance(n, C.int)
def f(n: int) -> bool:
    return C.g(n)
""",
        [],
        ["result"],
        [],
    ),
    # -- objects
    (
        """class Counter:
    def __init__(self):
        self.n = 0
    def inc(self) -> None:
        self.n += 1
def f(c: Counter) -> int:
    return c.n
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class Acc:
    def __init__(self, n: int):
        self.n = abs(n)
def f(a: Acc) -> int:
    return a.n
""",
        [],
        ["result >= 0"],
        [],
    ),
    (
        """class Pair:
    def __init__(self, n: int):
        self.a = n
        self.b = n
def f(p: Pair) -> int:
    return p.a - p.b
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass
class Money:
    cents: int
    def __post_init__(self):
        if self.cents < 0:
            raise ValueError
def f(m: Money) -> int:
    return m.cents
""",
        [],
        ["result >= 0"],
        [],
    ),
    (
        """class Opt:
    flag = False
def f(o: Opt) -> bool:
    return o.flag
""",
        [],
        ["not result"],
        [],
    ),
    (
        """class Par:
    def size(self) -> int:
        return 1
class Child(Par):
    def size(self) -> int:
        return 5
def f(p: Par) -> int:
    return p.size()
""",
        [],
        ["result == 1"],
        [],
    ),
    (
        """class Box:
    def __init__(self, n: int):
        self.n = n
    def seal(self):
        self.seal_ = 1
def f(b: Box) -> int:
    try:
        return b.seal_
    except AttributeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class Box:
    def __init__(self, n: int):
        self.n = n
def wipe(b, name):
    setattr(b, name, 1)
def f(b: Box) -> int:
    try:
        return b.seal
    except AttributeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class C:
    def __init__(self, n: int):
        self.n = n
class D:
    def __init__(self, c: C):
        self.c = c
    def bump(self):
        self.c.m = 5
def f(c: C) -> int:
    try:
        return c.m
    except AttributeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class C:
    def __init__(self, n: int):
        n = abs(n)
        self.n = n
def f(c: C) -> int:
    return c.n
""",
        [],
        ["result >= 0"],
        [],
    ),
    # -- contracts of what is called
    (
        """import icontract
@icontract.require(lambda n: n >= 0)
def f(n: int) -> int:
    if n == 0:
        return 0
    return f(n - 2)
""",
        ["n >= 0"],
        ["result == 0"],
        [],
    ),
    (
        """import icontract
@icontract.require(lambda n: n != 100001)
def g(n: int) -> int:
    return n
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return g(n) - n
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from icontract import require as need
@need(lambda n: n != 100001)
def g(n: int) -> int:
    return n
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return g(n) - n
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import icontract
@icontract.ensure(lambda result: result != 100001)
def g(n: int) -> int:
    return n
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return g(n) - n
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import icontract
@icontract.invariant(lambda self: self.n != 100001)
class C:
    def __init__(self, n: int):
        self.n = n
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return C(n).n - n
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import icontract
class C:
    @icontract.require(lambda n: n != 100001)
    def __init__(self, n: int):
        self.n = n
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return C(n).n - n
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import icontract
class C:
    @icontract.require(lambda n: n != 100001)
    def g(self, n: int) -> int:
        return n
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return C().g(n) - n
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import deal
@deal.pre(lambda n: n != 100001)
def g(n: int) -> int:
    return n
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return g(n) - n
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import deal
@deal.safe
def g(n: int) -> int:
    return 1 // (n - 100001)
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return g(n)
""",
        [],
        ["result == 0"],
        ["ZeroDivisionError"],
    ),
    (
        """import deal
@deal.pure
def f(n: int) -> int:
    print("a")
    return n
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """import deal
@deal.inv(lambda self: self.n >= 0)
class C:
    def __init__(self, n: int):
        self.n = n
def f(c: C, n: int) -> int:
    if n * 7 != 700007:
        return 0
    c.n = -1
    c.n = 5
    return 0
""",
        ["c.n >= 0"],
        ["result == 0"],
        [],
    ),
    (
        """import sys
from sys import modules
K = 1
modules[__name__].K = 2
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return K - 1
""",
        [],
        ["result == 0"],
        [],
    ),
    # -- names that are bound anew
    (
        """def deco(fn):
    def inner(n):
        return 0 if n == 100001 else fn(n)
    return inner
def f(n: int) -> int:
    return n
f = deco(f)
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """def deco(fn):
    def inner(n):
        return 0 if n == 100001 else fn(n)
    return inner
@deco
def f(n: int) -> int:
    return n
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """def other(n): return 0
def swap():
    global f
    f = other
swap()
def f(n: int) -> int:
    return n
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """def f(n: int) -> int:
    return n
for f in [lambda n: 0]:
    pass
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """class D:
    y = 1
def setup():
    D.y = 5
setup()
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return D.y - 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class D:
    y = 1
E = [D]
def setup():
    for e in E:
        e.y = 5
setup()
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return D.y - 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class D:
    def m(self): return 0
def setup():
    D.m = lambda self: 1
setup()
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return D().m()
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class D:
    x = 1
setattr(D, 'x', 5)
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return D.x - 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """K = 1
globals()['K'] = 2
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return K - 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """K = 1
exec('K = 2')
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return K - 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import sys
K = 1
sys.modules[__name__].K = 2
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return K - 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import math
def g():
    math.pi = 3
g()
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return 0 if math.pi > 3 else 1
""",
        [],
        ["result == 0"],
        [],
    ),
    # -- values of any type
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        x[0]
        return 1
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        x[0] = 1
        return 1
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return 1 if x in 'abc' else 0
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    return len({x: 1}) - 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    hash(x)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return [1, 2, 3][x]
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return len([1, 2, 3][x:])
    except TypeError:
        return 0
""",
        [],
        ["result == 0 or x is None"],
        [],
    ),
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        -x
        return 1
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return len(range(x))
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import math
def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        math.isnan(x)
        return 1
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return 1 if 'abc'.startswith(x) else 0
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return len(','.join([x]))
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    return 1 if x is True else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(x: object, n: int) -> int:
    if n * 7 != 700007:
        return 0
    return 1 if x is int else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from typing import Callable
def f(g: Callable, n: int) -> int:
    if n * 7 != 700007:
        return 0
    return 1 if g is len else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from typing import Hashable
def f(x: Hashable) -> int:
    return 1 if x is None else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return 'abc'.count([97])
    except TypeError:
        return 2
""",
        [],
        ["result < 2"],
        [],
    ),
    # -- frozensets
    (
        """def f(xs: frozenset[int]) -> int:
    if len(xs) < 50:
        return 0
    xs.add(1)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(xs: frozenset[int]) -> int:
    if len(xs) < 50:
        return 0
    return 1 if isinstance(xs, frozenset) else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    # -- machine words
    (
        """def f(i: int) -> int:
    xs = [7]
    return xs.pop(i)
""",
        [],
        ["result == 7"],
        ["IndexError"],
    ),
    (
        """def f(i: int) -> int:
    return [].pop(i)
""",
        [],
        ["False"],
        ["IndexError"],
    ),
    (
        """def f(xs: list[int], i: int) -> int:
    xs.insert(i, 5)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(i: int) -> str:
    return chr(i)
""",
        [],
        ["len(result) == 1"],
        ["ValueError"],
    ),
    (
        """import math
def f(n: int) -> bool:
    return math.isfinite(n)
""",
        [],
        ["result"],
        [],
    ),
    (
        """import math
def f(n: int) -> bool:
    return math.isnan(n)
""",
        [],
        ["not result"],
        [],
    ),
    # -- print
    (
        """def f(n: int) -> int:
    print(n)
    return n
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """def f(n: int) -> int:
    print([n])
    return n
""",
        [],
        ["result == n"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    print(3, sep=2)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class Loud:
    def __repr__(self):
        raise ValueError
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    print([Loud()])
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(s: str) -> int:
    print(s)
    return 0
""",
        ["len(s) == 1"],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    print('\\ud800')
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    # -- imports
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        import no_such_module_xyz
    except ImportError:
        return 1
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        from math import no_such_name
    except ImportError:
        return 1
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        from . import sibling
    except ImportError:
        return 1
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import math
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        math.no_such_function
    except AttributeError:
        return 1
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    # -- values of modules
    (
        """from typing import TYPE_CHECKING
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return 0 if TYPE_CHECKING else 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import string
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return 1 if 'a' in string.ascii_letters else 2
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from string import ascii_letters
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return len(ascii_letters)
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import math
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return 1 if math.tau > 3 else 0
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """import os
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        os.environ['A'] = 'b'
        return 1
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return 1 if __doc__ is None else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return 0 if __doc__ else 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return len(__name__)
    except TypeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        __init__
        return 0
    except NameError:
        return 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return 1 if not NotImplemented is None else 0
""",
        [],
        ["result == 0"],
        [],
    ),
    # -- exceptions
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        raise OSError(2, 'gone')
    except FileNotFoundError:
        return 1
    except OSError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class E(Exception):
    def __init__(self, x):
        self.x = x
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        raise E
    except E:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        raise UnicodeDecodeError
    except UnicodeDecodeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class E(UnicodeDecodeError):
    pass
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        raise E
    except E:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        raise ValueError(code=1)
    except ValueError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    ValueError(code=1)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class E(Exception):
    pass
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        raise E(code=1)
    except E:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        raise ExceptionGroup('x', [])
    except ExceptionGroup:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        raise ValueError from 5
    except ValueError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        raise ValueError
    except (ValueError, 5):
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        raise ValueError
    except ((ValueError, KeyError), KeyError):
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    def g():
        return x
    try:
        g()
    except UnboundLocalError:
        return 0
    except NameError:
        return 1
    x = 1
    return x
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    e = ValueError('x')
    try:
        raise e('y')
    except TypeError:
        return 1
    except ValueError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        raise ValueError('\\ud800')
    except ValueError as e:
        print(e)
    return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    # -- classes
    (
        """class P:
    def __init__(self):
        self.__v = 1
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return P().__v - 1
    except AttributeError:
        return 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """class P:
    def __init__(self):
        self.__v = 1
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return P()._P__v
    except AttributeError:
        return 0
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """__k = 1
class P:
    def m(self):
        return __k
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return P().m() - 1
    except NameError:
        return 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass
class P:
    a: int = 1
    a: int = 2
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return P().a - 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass
class P:
    a: int = 1
    a = 7
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    return P().a - 1
""",
        [],
        ["result == 0"],
        [],
    ),
    (
        """from dataclasses import dataclass
@dataclass
class P:
    a: int
    def a(self):
        return 0
def f(n: int) -> int:
    if n * 7 != 700007:
        return 0
    try:
        return P(3).a()
    except TypeError:
        return 1
""",
        [],
        ["result == 0"],
        [],
    ),
]
