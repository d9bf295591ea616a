"""Small random programs of the verifier's fragment, with contracts, and what brute force on CPython says of them."""

from __future__ import annotations

import copy
import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

INTS = [0, 1, -1, 2, -2, 3, 5, -7, 9, 1 << 70, -(1 << 70)]
FLOATS = [0.0, -0.0, 1.0, -1.5, 0.1, 1e308, float("inf"), float("-inf"), float("nan")]
TEXTS = ["", "a", "b", "ab", "ba", "aa", "A1", " a", "\U0010ffff", "ß", "ab ", "aab", "0", "x\U0002fffe"]
LISTS = [[], [0], [1], [-1, 2], [2, 2], [3, 1], [1, 2, 3], [3, -1, 0], [0, 0, 1], [1 << 70, 5]]
SETS = [set(), {1}, {0, 2}, {-1, 3, 4}]
DICTS = [{}, {1: 2}, {0: 0, 3: -1}, {2: 5, 1: 1, 7: 0}]
VALUES = {
    "int": INTS,
    "bool": [False, True],
    "float": FLOATS,
    "str": TEXTS,
    "list[int]": LISTS,
    "set[int]": SETS,
    "dict[int, int]": DICTS,
    "int | None": [None, 0, 3, -4],
    "tuple[int, int]": [(0, 0), (1, -1), (5, 3)],
}
MAX_TURNS = 200


class TooLong(Exception):
    """A loop that a bounded verdict does not cover."""


@dataclass(frozen=True)
class Program:
    source: str
    hints: tuple[str, ...]
    requires: tuple[str, ...]
    ensures: tuple[str, ...]


class _Writer:
    """Writes expressions of a type over the names in scope."""

    def __init__(self, rng: random.Random, names: dict[str, str]) -> None:
        self.rng, self.names = rng, dict(names)

    def of(self, kind: str, depth: int = 2) -> str:
        here = [name for name, own in self.names.items() if own == kind]
        if here and (depth <= 0 or self.rng.random() < 0.35):
            return self.rng.choice(here)
        return getattr(self, "_" + kind.split("[")[0].split(" ")[0])(depth)

    def _one(self, *texts: str) -> str:
        return self.rng.choice(texts)

    def _int(self, depth: int) -> str:
        if depth <= 0:
            return str(self.rng.choice([0, 1, 2, 3, -1, 7, 10]))
        a, b = (lambda: self.of("int", depth - 1)), (lambda: self.of("int", depth - 1))
        options = [
            f"({a()} + {b()})",
            f"({a()} - {b()})",
            f"({a()} * {b()})",
            f"abs({a()})",
            f"-{a()}",
            f"({a()} // {self._one('2', '3', '-2', b())})",
            f"({a()} % {self._one('2', '5', '-3', b())})",
            f"max({a()}, {b()})",
            f"min({a()}, {b()})",
            f"({a()} if {self.of('bool', depth - 1)} else {b()})",
            f"int({self.of('bool', depth - 1)})",
            f"({a()} << {self._one('1', '3')})",
            f"({a()} >> {self._one('1', '2')})",
            f"{a()} ** 2",
            f"({self.of('bool', depth - 1)} + {a()})",
            f"divmod({a()}, 3)[{self._one('0', '1')}]",
        ]
        if any(k == "list[int]" for k in self.names.values()):
            xs = self.of("list[int]", 0)
            options += [
                f"len({xs})",
                f"sum({xs})",
                f"{xs}[{self._one('0', '-1', '1', a())}]",
                f"{xs}.count({a()})",
                f"max({xs})",
                f"min({xs}, default=0)",
                f"sorted({xs})[0]",
                f"sum(x for x in {xs} if x > 0)",
                f"{xs}.index({a()})",
                f"len([x for x in {xs} if x != {a()}])",
            ]
        if any(k == "str" for k in self.names.values()):
            s = self.of("str", 0)
            options += [
                f"len({s})",
                f"{s}.find({self._one(repr('a'), repr('ab'))})",
                f"{s}.count('a')",
                f"ord({s}[0])",
                f"len({s}.split())",
                f"len({s}.strip())",
            ]
        if any(k == "dict[int, int]" for k in self.names.values()):
            d = self.of("dict[int, int]", 0)
            options += [f"{d}.get({a()}, {b()})", f"{d}[{a()}]", f"len({d})", f"sum({d}.values())"]
        if any(k == "set[int]" for k in self.names.values()):
            s = self.of("set[int]", 0)
            options += [f"len({s})", f"len({s} | {{{a()}}})", f"sum({s})", f"len({s} - {{1, 2}})"]
        if any(k == "int | None" for k in self.names.values()):
            o = next(n for n, k in self.names.items() if k == "int | None")
            options += [f"({o} or {a()})", f"(0 if {o} is None else {o})"]
        if any(k == "tuple[int, int]" for k in self.names.values()):
            t = self.of("tuple[int, int]", 0)
            options += [f"{t}[0]", f"{t}[-1]", f"sum({t})"]
        return self.rng.choice(options)

    def _bool(self, depth: int) -> str:
        if depth <= 0:
            return self._one("True", "False")
        i = lambda: self.of("int", depth - 1)  # noqa: E731
        p = lambda: self.of("bool", depth - 1)  # noqa: E731
        options = [
            f"{i()} < {i()}",
            f"{i()} == {i()}",
            f"{i()} <= {i()} < {i()}",
            f"not {p()}",
            f"({p()} and {p()})",
            f"({p()} or {p()})",
            f"{i()} != {i()}",
            f"bool({i()})",
        ]
        if any(k == "list[int]" for k in self.names.values()):
            xs = self.of("list[int]", 0)
            options += [
                f"{i()} in {xs}",
                f"all(x >= {i()} for x in {xs})",
                f"any(x == {i()} for x in {xs})",
                f"{xs} == {xs}[::-1]",
                f"{xs} == sorted({xs})",
                f"bool({xs})",
            ]
        if any(k == "str" for k in self.names.values()):
            s = self.of("str", 0)
            options += [
                f"{s}.startswith('a')",
                f"{s}.endswith('b')",
                f"'a' in {s}",
                f"{s} < 'b'",
                f"{s}.isdigit()",
                f"{s} == {s}[::-1]",
                f"{s}.isalpha()",
                f"{s}.isupper()",
                f"{s}.isspace()",
            ]
        if any(k == "float" for k in self.names.values()):
            x, y = self.of("float", 1), self.of("float", 1)
            options += [f"{x} < {y}", f"{x} == {y}", f"{x} >= 0", f"bool({x})", f"{x} != {x}"]
        if any(k == "set[int]" for k in self.names.values()):
            options += [f"{i()} in {self.of('set[int]', 0)}"]
        if any(k == "dict[int, int]" for k in self.names.values()):
            options += [f"{i()} in {self.of('dict[int, int]', 0)}"]
        return "(" + self.rng.choice(options) + ")"

    def _float(self, depth: int) -> str:
        if depth <= 0:
            return self._one("0.0", "1.5", "-2.0", "0.1")
        a, b = self.of("float", depth - 1), self.of("float", depth - 1)
        return self._one(
            f"({a} + {b})", f"({a} * {b})", f"({a} - {b})", f"-{a}", f"abs({a})", f"({a} / {b})", f"max({a}, {b})"
        )

    def _str(self, depth: int) -> str:
        if depth <= 0:
            return self._one("'a'", "'ab'", "''", "'Z'")
        a, b = self.of("str", depth - 1), self.of("str", depth - 1)
        return self._one(
            f"({a} + {b})",
            f"{a}[::-1]",
            f"{a}[1:]",
            f"{a}[:-1]",
            f"{a}.replace('a', 'b')",
            f"{a}.strip()",
            f"{a} * 2",
            f"{a}[:{self.of('int', 1)}]",
            f"({a} if {self.of('bool', 1)} else {b})",
            f"'-'.join([{a}, {b}])",
            f"{a}.upper()",
            f"{a}[{self.of('int', 0)}]",
            f"{a}.partition('a')[0]",
        )

    def _list(self, depth: int) -> str:
        if depth <= 0:
            return self._one("[]", "[1]", "[2, 0]")
        a, i = self.of("list[int]", depth - 1), self.of("int", depth - 1)
        return self._one(
            f"({a} + [{i}])",
            f"{a}[::-1]",
            f"{a}[1:]",
            f"sorted({a})",
            f"[x + 1 for x in {a}]",
            f"[{i}] * 2",
            f"[x for x in {a} if x > {i}]",
            f"{a}[:{i}]",
            f"list(range({self._one('3', '0', 'abs(' + i + ') % 4')}))",
            f"{a}[{self._one('-2', '0', '1')}:]",
            f"[y for x in {a} for y in (x, -x)]",
        )

    def _set(self, depth: int) -> str:
        return self._one("{1}", "{0, 3}", "set()", f"{{{self.of('int', 0)}}}")

    def _dict(self, depth: int) -> str:
        return self._one("{}", "{1: 1}", f"{{{self.of('int', 0)}: 2}}")

    def _tuple(self, depth: int) -> str:
        return f"({self.of('int', depth - 1)}, {self.of('int', depth - 1)})"


def programs(seed: int, number: int) -> Iterator[Program]:
    """So many programs; the same for the same seed."""
    rng = random.Random(seed)
    for _ in range(number):
        yield _program(rng)


def _program(rng: random.Random) -> Program:
    hints = tuple(rng.choice(list(VALUES)) for _ in range(rng.choice([1, 1, 2, 2, 3])))
    names = {"abc"[i]: hint for i, hint in enumerate(hints)}
    writer = _Writer(rng, names)
    kind = rng.choice(
        [
            "int",
            "int",
            "int",
            "bool",
            "str" if "str" in hints else "int",
            "list[int]",
            "float" if "float" in hints else "int",
            "tuple[int, int]",
        ]
    )
    body = _body(rng, writer, kind)
    parameters = ", ".join(f"{name}: {hint}" for name, hint in names.items())
    source = f"def f({parameters}):\n" + "".join(f"    {line}\n" for line in body)
    after = _Writer(rng, {**names, "result": kind})
    requires = [_Writer(rng, names).of("bool", 2)] if rng.random() < 0.4 else []
    ensures = [after.of("bool", 2) if rng.random() < 0.6 else _likely(rng, kind, body, names)]
    return Program(source, hints, tuple(requires), tuple(ensures))


def _likely(rng: random.Random, kind: str, body: list[str], names: dict[str, str]) -> str:
    """A contract that is often true."""
    last = body[-1].removeprefix("return ")
    if len(body) == 1 and rng.random() < 0.3:
        return f"result == {last}"
    if kind == "int":
        return rng.choice(
            [
                "result == result + 0",
                "result >= 0 or result < 0",
                "result * result >= 0",
                "result < 1000 or result > 5",
                "result % 2 in (0, 1)",
                "isinstance(result, int)",
                "abs(result) >= result",
                "-result <= abs(result)",
            ]
        )
    if kind in ("str", "list[int]"):
        return rng.choice(
            [
                "len(result) >= 0",
                "result[::-1][::-1] == result",
                "result + result[:0] == result",
                "result == result[:]",
                "len(result + result) == 2 * len(result)",
                "len(result) < 9",
                "len(result[1:]) <= len(result)",
            ]
        )
    return rng.choice(["result == result", "result or not result", "not (result != result)"])


def _body(rng: random.Random, writer: _Writer, kind: str) -> list[str]:
    lines: list[str] = []
    for number in range(rng.choice([0, 0, 1, 1, 2, 3])):
        lines += _statement(rng, writer, number)
    return [*lines, f"return {writer.of(kind, 2)}"]


def _statement(rng: random.Random, writer: _Writer, number: int) -> list[str]:
    name = f"v{number}"
    choice = rng.random()
    ints = [n for n, k in writer.names.items() if k == "int"]
    lists = [n for n, k in writer.names.items() if k == "list[int]"]
    if choice < 0.25:
        kind = rng.choice(["int", "bool", "list[int]"])
        line = f"{name} = {writer.of(kind, 2)}"
        writer.names[name] = kind
        return [line]
    if choice < 0.45:
        test, yes, no = writer.of("bool", 2), writer.of("int", 1), writer.of("int", 1)
        writer.names[name] = "int"
        return [f"if {test}:", f"    {name} = {yes}", "else:", f"    {name} = {no}"]
    if choice < 0.6:
        test = writer.of("bool", 1)
        return (
            [f"if {test}:", f"    return {writer.of('int', 1)}"]
            if rng.random() < 0.5
            else [f"if {test}:", "    raise ValueError('x')"]
        )
    if choice < 0.72:
        count = writer.of("int", 0)
        step, test = writer.of("int", 1), writer.of("bool", 1)
        writer.names[name] = "int"
        extra = [f"    if {test}:", f"        {rng.choice(['break', 'continue'])}"] if rng.random() < 0.4 else []
        return [f"{name} = 0", f"for i{number} in range({count}):", "    turn()", *extra, f"    {name} += {step}"]
    if choice < 0.82 and lists:
        source = rng.choice(lists)
        writer.names[name] = "int"
        return [
            f"{name} = {writer.of('int', 0)}",
            f"for x{number} in {source}:",
            "    turn()",
            f"    if x{number} > {name}:",
            f"        {name} = x{number}" if rng.random() < 0.5 else f"        {name} += x{number}",
        ]
    if choice < 0.9 and ints:
        writer.names[name] = "int"
        down = rng.choice(["1", "2"])
        return [
            f"{name} = {rng.choice(ints)}",
            f"while {name} > {rng.choice(['0', '1'])}:",
            "    turn()",
            f"    {name} -= {down}",
        ]
    if choice < 0.96 and lists:
        target = rng.choice(lists)
        return [
            rng.choice(
                [
                    f"{target}.append({writer.of('int', 1)})",
                    f"{target}.reverse()",
                    f"{target}.sort()",
                    f"{target}[0] = {writer.of('int', 0)}",
                    f"{target}.pop()",
                    f"{target} += [1]",
                ]
            )
        ]
    inner = writer.of("int", 1)
    writer.names[name] = "int"
    return [
        "try:",
        f"    {name} = {inner}",
        f"except {rng.choice(['ZeroDivisionError', 'IndexError', 'Exception'])}:",
        f"    {name} = 4",
    ]


def violations(program: Program, max_size: int | None = None, max_turns: int = MAX_TURNS) -> Iterator[tuple[Any, ...]]:
    """The inputs, out of a grid and up to a size, on which CPython breaks the contract."""

    def turn() -> None:
        nonlocal turns
        turns += 1
        if turns > max_turns:
            raise TooLong

    turns = 0
    scope: dict[str, Any] = {"turn": turn}
    exec(program.source, scope)
    names = ["abc"[i] for i in range(len(program.hints))]
    before = [eval(f"lambda {', '.join(names)}: {text}", {}) for text in program.requires]
    after = [eval(f"lambda {', '.join([*names, 'result'])}: {text}", {}) for text in program.ensures]
    for args in itertools.product(*(VALUES[hint] for hint in program.hints)):
        if max_size is not None and any(
            hasattr(a, "__len__") and not isinstance(a, tuple) and len(a) > max_size for a in args
        ):
            continue
        turns = 0
        verdict = _breaks(scope["f"], before, after, args)
        if verdict:
            yield args


def breaks(program: Program, args: tuple[Any, ...]) -> bool:
    """Whether CPython breaks the contract on this input."""

    def turn() -> None: ...

    scope: dict[str, Any] = {"turn": turn}
    exec(program.source, scope)
    names = ["abc"[i] for i in range(len(program.hints))]
    before = [eval(f"lambda {', '.join(names)}: {text}", {}) for text in program.requires]
    after = [eval(f"lambda {', '.join([*names, 'result'])}: {text}", {}) for text in program.ensures]
    return _breaks(scope["f"], before, after, args)


def _breaks(function: Any, before: list[Any], after: list[Any], args: tuple[Any, ...]) -> bool:
    try:
        if not all(holds(*copy.deepcopy(args)) for holds in before):
            return False
    except Exception:
        return False
    mine = copy.deepcopy(args)
    try:
        result = function(*mine)
    except TooLong:
        return False
    except Exception:
        return True
    try:
        return not all(holds(*mine, result) for holds in after)
    except Exception:
        return True


def contradiction(program: Program, budget_s: float) -> tuple[str, str]:
    """The solver's word on a program, and where brute force knows better: the input and the program."""
    from solver_process import ask

    source = program.source.replace("turn()", "pass")
    answer = ask(source, budget_s=budget_s, requires=program.requires, ensures=program.ensures)
    found: Any = None
    if answer.level == "PROVED":
        found = next(violations(program), None)
    elif answer.level == "BOUNDED" and "ASCII" not in answer.bound:
        size = re.search(r"at most (\d+) elements", answer.bound)
        turns = re.search(r"at most (\d+) turns", answer.bound)
        found = next(violations(program, int(size[1]) if size else None, int(turns[1]) if turns else MAX_TURNS), None)
    elif answer.level == "CANDIDATE" and not breaks(program, tuple(eval(text) for text in answer.args)):
        found = answer.args
    told = f"{answer.level} {answer.bound} {found}\n{source}{program.requires} {program.ensures}"
    return answer.level, "" if found is None else told
