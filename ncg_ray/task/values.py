"""Constants, from syntax trees and from the middle of prose, without `eval`.

`constant` folds a parsed expression; `read_value` reads the longest constant that starts at one place of a text and
says where it ends. Both know literals, negative numbers, small arithmetic (`10**9`, `[0] * 5`), `float('inf')`,
`set()` and its like, and stop at sizes that no example needs.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MAX_DEPTH = 60
MAX_BITS = 14_000
"Python prints integers of up to 4300 digits."
MAX_LENGTH = 5_000
"Items and characters of a folded sequence."


class NotConstant(ValueError):
    """The expression is not a constant, or a too large one."""


def parse_python(source: str) -> ast.Module | None:
    """The tree of `source`, or None where it is not Python (or too deep for the parser)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a docstring with `\\d` is not ours to complain about
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def source_lines(source: str) -> list[str]:
    """Lines as the parser counts them; `str.splitlines` knows more line ends."""
    return re.split(r"\r\n|\r|\n", source)


def segment(lines: Sequence[str], node: ast.stmt | ast.expr) -> str:
    """The source of a node, given the lines of the whole (`source_lines`).

    `ast.get_source_segment` splits the whole source anew for every node, in quadratic time where lines are long.
    """
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    block = [line.encode() for line in lines[first:last + 1]]
    block[-1] = block[-1][:node.end_col_offset]  # columns count UTF-8 bytes
    block[0] = block[0][node.col_offset:]
    return b"\n".join(block).decode()


def constant(node: ast.AST, names: Mapping[str, Any] | None = None, _depth: int = 0) -> Any:
    """The value of a constant expression; `names` are constants too. Raises NotConstant."""
    if _depth > MAX_DEPTH:
        raise NotConstant("nested too deep")

    def inner(child: ast.AST) -> Any:
        return constant(child, names, _depth + 1)

    match node:
        case ast.Constant(value=value) if value is not Ellipsis:
            return value
        case ast.Name(id=name) if names and name in names:
            return names[name]
        case ast.List(elts=elts):
            return [inner(e) for e in elts]
        case ast.Tuple(elts=elts):
            return tuple(inner(e) for e in elts)
        case ast.Set(elts=elts):
            return collect(set, [inner(e) for e in elts])
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return collect(dict, [(inner(k), inner(v)) for k, v in zip(keys, values, strict=True) if k is not None])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _number(operator.neg, inner(operand))
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _number(operator.pos, inner(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SYMBOLS:
            return fold(_SYMBOLS[type(op)], inner(left), inner(right))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _MAKERS and len(args) <= 1:
            return make(name, [inner(a) for a in args])
        case ast.Attribute(value=ast.Name(id="math"), attr=name) if name in _MATH:
            return _MATH[name]
    raise NotConstant(f"{type(node).__name__} is not a constant")


def fold(symbol: str, left: Any, right: Any) -> Any:
    """One arithmetic operation on constants, within limits. Raises NotConstant."""
    numbers = all(isinstance(x, (int, float, complex)) for x in (left, right))
    try:
        if numbers:
            size = left.bit_length() if isinstance(left, int) else 1
            if symbol == "**" and isinstance(right, int) and ((right < 0 and left == 0) or size * abs(right) > MAX_BITS):
                raise NotConstant("a power too large")
            if symbol == "*" and isinstance(right, int) and size + right.bit_length() > MAX_BITS:
                raise NotConstant("a product too large")
            return _OPERATORS[symbol](left, right)
        sequences = (str, bytes, list, tuple)
        if symbol == "*" and type(left) is int and isinstance(right, sequences):
            left, right = right, left
        if symbol == "*" and isinstance(left, sequences) and type(right) is int and _size(left) * right <= MAX_LENGTH:
            return left * right
        if symbol == "+" and type(left) is type(right) and isinstance(left, sequences) and (
                _size(left) + _size(right) <= MAX_LENGTH):
            return left + right
    except (ArithmeticError, ValueError, TypeError):
        pass
    raise NotConstant(f"{symbol} does not fold here")


def _size(value: Any) -> int:
    """Items and characters in a sequence, counted into its members; at least 1."""
    if isinstance(value, (str, bytes)):
        return max(len(value), 1)
    if isinstance(value, (list, tuple, set, frozenset)):
        return sum(map(_size, value)) + 1
    return sum(_size(v) for v in value.values()) + 1 if isinstance(value, dict) else 1


def make(name: str, args: list[Any]) -> Any:
    """`set()`, `frozenset([1])`, `float('inf')` and the like. Raises NotConstant."""
    maker = _MAKERS[name]
    text_allowed = maker is float or maker is int
    if args and ((isinstance(args[0], str) and len(args[0]) > 100) or (not text_allowed and not isinstance(
            args[0], (list, tuple, set, frozenset, dict, str)))):
        raise NotConstant(f"{name} of that is not a constant")
    return collect(maker, *args)


def collect(maker: Callable[..., Any], *args: Any) -> Any:
    """Build a container; NotConstant where an item does not hash or a pair is not one."""
    try:
        return maker(*args)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotConstant(str(error)) from None


def _number(function: Callable[[Any], Any], value: Any) -> Any:
    if not isinstance(value, (int, float, complex)):
        raise NotConstant("a sign before what is not a number")
    return function(value)


_MAKERS: dict[str, Callable[..., Any]] = {
    "set": set, "frozenset": frozenset, "list": list, "tuple": tuple, "dict": dict, "float": float, "int": int}
_MATH = {"inf": math.inf, "nan": math.nan, "pi": math.pi, "e": math.e}
_WORDS: dict[str, Any] = {"True": True, "False": False, "None": None, "true": True, "false": False, "TRUE": True,
                          "FALSE": False, "null": None, "inf": math.inf, "nan": math.nan}
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow}
_SYMBOLS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//",
                             ast.Mod: "%", ast.Pow: "**"}

_SPACE = re.compile(r"[ \t\r\f\v\u00a0]*")
_SPACE_LINES = re.compile(r"(?:[\s\u00a0]|#[^\n]*\n)*")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+"
                     r"|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?[jJ]?")
_STRING = re.compile(r"(?:[rR]?[bB]?|[bB][rR]|[uU])('''|\"\"\"|'|\")")
_SMART = {"“": "”", "‘": "’", "„": "“", "«": "»"}
_NAME = re.compile(r"(?:math\.)?[A-Za-z_]\w*")
_TERM = re.compile(r"\*\*|//|[*/%]")
_SUM = re.compile(r"[+-](?![->])")


def read_value(text: str, start: int = 0) -> tuple[Any, int] | None:
    """The longest constant of `text` that begins at `start` (spaces are skipped), and where it ends; or None.

    A full stop after a number ends the sentence, not the number: in "returns 16." the value is 16.

    Example:
        >>> read_value("[1, 2]  # two of them")
        ([1, 2], 6)
    """
    try:
        value, end = _Reader(text).sum(_SPACE.match(text, start).end(), 0)  # type: ignore[union-attr]
    except (NotConstant, RecursionError):
        return None
    return value, end


class _Reader:
    """Recursive descent over one text; every method takes a position and a depth, returns a value and an end."""

    def __init__(self, text: str) -> None:
        self.text = text

    def skip(self, at: int, depth: int) -> int:
        """Past blanks; inside brackets also past line ends and comments."""
        return (_SPACE_LINES if depth else _SPACE).match(self.text, at).end()  # type: ignore[union-attr]

    def sum(self, at: int, depth: int) -> tuple[Any, int]:
        return self._chain(_SUM, self.product, at, depth)

    def product(self, at: int, depth: int) -> tuple[Any, int]:
        return self._chain(_TERM, self.sign, at, depth)

    def _chain(self, symbols: re.Pattern[str], operand: Callable[[int, int], tuple[Any, int]], at: int,
               depth: int) -> tuple[Any, int]:
        left, end = operand(at, depth)
        while found := symbols.match(self.text, self.skip(end, depth)):
            if found.group() == "**":  # taken by `sign`, or not an operator here
                return left, end
            try:  # an operator without a constant after it ends the value before it
                right, after = operand(self.skip(found.end(), depth), depth)
                left, end = fold(found.group(), left, right), after
            except NotConstant:
                return left, end
        return left, end

    def sign(self, at: int, depth: int) -> tuple[Any, int]:
        first = self.text[at:at + 1]
        if first and first in "+-−":
            if depth > MAX_DEPTH:
                raise NotConstant("nested too deep")
            value, end = self.sign(self.skip(at + 1, depth), depth + 1) if depth else self._signed(at + 1)
            return _number(operator.pos if first == "+" else operator.neg, value), end
        value, end = self.atom(at, depth)
        power = self.skip(end, depth)
        if self.text.startswith("**", power):
            try:
                exponent, after = self.sign(self.skip(power + 2, depth), depth)
                return fold("**", value, exponent), after
            except NotConstant:
                return value, end
        return value, end

    def _signed(self, at: int) -> tuple[Any, int]:
        """Outside brackets one sign, hard against its number: `- 5` in prose is a dash."""
        if self.text[at:at + 1] in ("+", "-", " ", ""):
            raise NotConstant("not a signed number")
        return self.sign(at, 0)

    def atom(self, at: int, depth: int) -> tuple[Any, int]:
        if depth > MAX_DEPTH:
            raise NotConstant("nested too deep")
        first = self.text[at:at + 1]
        if first and first in "([{":
            return self.brackets(at, depth)
        if first in _SMART:
            return self.smart(at)
        if _STRING.match(self.text, at):
            return self.strings(at, depth)
        if found := _NUMBER.match(self.text, at):
            return self.number(found, depth)
        if found := _NAME.match(self.text, at):
            return self.name(found, depth)
        raise NotConstant("no constant here")

    def number(self, found: re.Match[str], depth: int) -> tuple[Any, int]:
        source, end = found.group(), found.end()
        if source.endswith(".") and not (depth and self.text[end:end + 1] in (",", " ", "]", ")", "}", "")):
            source, end = source[:-1], end - 1
        following = self.text[end:end + 1]
        if following.isalnum() or following == "_" or len(source) > 4000:
            raise NotConstant("not a number")
        try:
            return ast.literal_eval(source), end
        except (SyntaxError, ValueError):
            raise NotConstant("not a number") from None

    def name(self, found: re.Match[str], depth: int) -> tuple[Any, int]:
        name, end = found.group(), found.end()
        if name in _WORDS:
            return _WORDS[name], end
        if name.removeprefix("math.") in _MATH and name.startswith("math."):
            return _MATH[name.removeprefix("math.")], end
        if name in _MAKERS and self.text.startswith("(", end):
            args, after = self.items(end + 1, ")", depth + 1)
            if len(args) > 1:
                raise NotConstant("more than one argument")
            return make(name, args), after
        raise NotConstant("a name")

    def strings(self, at: int, depth: int) -> tuple[Any, int]:
        """One string literal, or several in a row."""
        value, end = self.string(at)
        while _STRING.match(self.text, nearest := self.skip(end, depth)) and nearest > end:
            more, after = self.string(nearest)
            if type(more) is not type(value):
                raise NotConstant("text beside bytes")
            value, end = value + more, after
        return value, end

    def string(self, at: int) -> tuple[Any, int]:
        opening = _STRING.match(self.text, at)
        if opening is None:
            raise NotConstant("no string here")
        quote, end = opening.group(1), opening.end()
        stops = re.compile(rf"\\.|{quote}|\n" if len(quote) == 1 else rf"\\.|{quote}", re.S)
        for found in stops.finditer(self.text, end):
            if found.group() == quote:
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        return ast.literal_eval(self.text[at:found.end()]), found.end()
                except (SyntaxError, ValueError, MemoryError):
                    break
            if found.group() == "\n":
                break
        raise NotConstant("a string that does not end")

    def smart(self, at: int) -> tuple[Any, int]:
        line_end = self.text.find("\n", at)
        end = self.text.find(_SMART[self.text[at]], at + 1, line_end if line_end >= 0 else len(self.text))
        if end < 0:
            raise NotConstant("a quote that does not end")
        return self.text[at + 1:end], end + 1

    def brackets(self, at: int, depth: int) -> tuple[Any, int]:
        opening = self.text[at]
        if opening == "{":
            return self.braces(at + 1, depth + 1)
        closing = ")" if opening == "(" else "]"
        items, end = self.items(at + 1, closing, depth + 1)
        if opening == "[":
            return items, end
        last = self.text[at + 1:end - 1].rstrip() if len(items) == 1 else ","
        return (items[0] if len(items) == 1 and not last.endswith(",") else tuple(items)), end

    def items(self, at: int, closing: str, depth: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        at = self.skip(at, depth)
        while not self.text.startswith(closing, at):
            value, at = self.sum(at, depth)
            found.append(value)
            at = self.comma(at, closing, depth)
        return found, at + 1

    def braces(self, at: int, depth: int) -> tuple[Any, int]:
        members: list[Any] = []
        pairs: list[tuple[Any, Any]] = []
        at = self.skip(at, depth)
        while not self.text.startswith("}", at):
            key, at = self.sum(at, depth)
            at = self.skip(at, depth)
            if self.text.startswith(":", at):
                value, at = self.sum(self.skip(at + 1, depth), depth)
                pairs.append((key, value))
            else:
                members.append(key)
            at = self.comma(at, "}", depth)
        if members and pairs:
            raise NotConstant("neither a set nor a dict")
        return (collect(set, members) if members else collect(dict, pairs)), at + 1

    def comma(self, at: int, closing: str, depth: int) -> int:
        at = self.skip(at, depth)
        if self.text.startswith(",", at):
            return self.skip(at + 1, depth)
        if not self.text.startswith(closing, at):
            raise NotConstant("a bracket that does not close")
        return at
