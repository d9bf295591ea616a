"""Calls in running text that say what they give: `f(3) -> 5`, `f(3) should return 5`, `returns 5 for f(3)` ..."""

from __future__ import annotations

import ast
import builtins
import itertools
import re
from typing import Any, NamedTuple

from ncg_ray.task.asserts import example_of
from ncg_ray.task.signature import Signature
from ncg_ray.task.values import parse_python, read_value
from ncg_ray.types import Example

MAX_LINE = 400
"Characters of a line that are looked at before and after a call."
MAX_CALLS = 500

ARROW = r"(?:[=-]+>+|➞|→|⇒|⟹|⟶|➔|➜|↦|⇨)"
_MODAL = r"(?:should|will|would|must|shall|can)\s+"
_GIVES = (rf"(?:{_MODAL})?(?:returns?|gives?|yields?|outputs?|produces?|equals?|evaluates?\s+to|results?\s+in|"
          rf"be\s+equal\s+to|be|is\s+equal\s+to|is)\b(?!\s+not\b)")
_SEPARATOR = re.compile(
    rf"[\s`*]*+(?:(?P<sure>(?:#|//)?\s*{ARROW}\s*(?:returns?\b)?:?|===?|:=|(?:#|//)\s*(?:returns?|outputs?|result)\b:?"
    rf"|[,;.]?\s*\b(?:expected\s+)?(?:output|result)s?\s*(?:[:=]|is\b|should\s+be\b))"
    rf"|(?P<approx>≈|~=|≅|~)|(?P<weak>=(?![=>])|:(?!=)|\||(?:#|//))|(?P<words>,?\s*(?:it\s+)?{_GIVES})"
    rf"|(?P<raises>(?:{_MODAL})?(?:raises?|throws?)\b))", re.I)
_NEXT_LINE = re.compile(rf"[ \t`]*\n[ \t*`-]*(?:{ARROW}|==|(?:#\s*)?(?:returns?|(?:expected\s+)?output|result)\b)", re.I)
_FILLER = re.compile(r"[\s`*:]*(?:(?:the|an?)\s+)?(?:(?:list|string|tuple|number|integer|value|result|dict(?:ionary)?|"
                     r"set|array|bool(?:ean)?|float|int|str)\s+)?(?:of\s+)?(?=[^\sA-Za-z]|True|False|None|true|false|"
                     r"null|float|set\(|frozenset|[rbu]['\"]|inf|nan|math)", re.I)
_EMPTY = re.compile(r"[\s`*]*an\s+empty\s+(list|array|string|str|tuple|dict(?:ionary)?|set)\b", re.I)
_EMPTIES: dict[str, Any] = {"list": [], "array": [], "string": "", "str": "", "tuple": (), "dict": {},
                            "dictionary": {}, "set": set()}
_ABOUT = re.compile(r"[\s`]*(?:approximately|approx\.?|about|roughly|around|≈|~)\s*", re.I)
_ERROR = re.compile(r"[\s`*]*(?:(?:raises?|throws?)\s+)?(?:an?\s+|the\s+)?`?(?:builtins\.)?([A-Z]\w*)\b(?![\w.(]|\s*=)")
_RAISED = re.compile(r"[\s`*]*(?:an?\s+|the\s+)?`?(?:\w+\.)*([A-Z]\w*(?:Error|Exception)|StopIteration)\b")
_CHAIN = re.compile(rf"[ \t`]*(?:={{1,3}}(?!>)|{ARROW})")
_GOES_ON = re.compile(  # what may follow the value on its line without changing what it says
    r"[\s`*'\"”’»]*(?:$|#|//|--|—|–|-\s|\||>>>|➞\s*$|[.;!](?=[\s`'\"”)\]]|$)|[)\]](?=[\s.,;`]|$)"
    r"|,?\s*(?:because|since|as|while|whereas|but|so|due|given|where|explanation|output|input|example|note|then)\b)",
    re.I)
_DOUBT = re.compile(r"\bor\b|any order|\betc\b|for example\b|otherwise|\belse\b", re.I)
_BULLET = re.compile(r"\s*(?:[-*•–+·]\s+|\(?\w{1,2}[.)]\s*|>+\s*|\|\s*)?$")
_MARKS = re.compile(r"(?:^|(?<=[\s(:]))(?:[`\"'“‘]+|\*\*)$")
_BAD_LEAD = re.compile(r"(?:[-+*/%<\[{|&^~=!@$\\]|\b(?:not|in|or|is|if\s+not|lambda|await|def|raise|del|yield))$")
_ASSIGNED = re.compile(r"(?:^|[\s>`])(?:[A-Za-z_]\w*)\s*=$")
_BEFORE_FOR = re.compile(r"\b(?:returns?|gives?|yields?|outputs?|produces?|is|be)\s+", re.I)
_FOR_CALL = re.compile(r"[\s`*,.]*(?:for|on|from|when\s+given|when\s+called\s+(?:as|with)|with|if\s+called\s+as)\s*$", re.I)
WRONG = re.compile(r"\b(?:wrong(?:ly)?|incorrect(?:ly)?|invalid|buggy?|bad|naive(?:ly)?|mistaken(?:ly)?|previously|formerly|"
                   r"before|never|(?:don|doesn|mustn|shouldn)['’]t|(?:do|does|must|should)\s+not|not\s+be)\b", re.I)
"Words that make of what follows an example of what is not so."
_CONDITION = re.compile(r"[\s`*,.]*(?:\([^()\n]*\))?[\s`*,]*\b(?:or|if|unless|when|only)\b", re.I)


class Result(NamedTuple):
    """What stands after `f(3) ->`: a value or the name of an exception, and where it ends."""

    value: Any
    raises: str | None
    abs_tol: float | None
    end: int


def read_calls(text: str, signature: Signature) -> list[Example]:
    """All calls of the function in `text` whose result can be read without doubt."""
    name = signature.name
    examples: list[Example] = []
    calls = re.finditer(rf"(?<![\w.]){re.escape(name)}[ \t]?\(", text)
    for found in itertools.islice(calls, MAX_CALLS):
        call = read_call(text, found.end())
        if call is None:
            continue
        args, kwargs, end = call
        before = _line_before(text, found.start())
        if WRONG.search(_heading(text, found.start())):
            continue
        statement = _asserted(text, found.start(), before, name)
        if statement is not None:
            examples.append(statement)
            continue
        lead = _lead(before)
        result = None
        abs_tol = None
        if lead == "round":
            rounded = re.compile(r"\s*,\s*(\d{1,2})\s*\)").match(text, end)
            if rounded:
                end, abs_tol = rounded.end(), 0.5 * 10.0 ** -int(rounded.group(1)) * (1 + 1e-6)
                result = result_after(text, end, name)
        elif lead == "print":
            closing = re.compile(r"\s*\)").match(text, end)
            result = result_after(text, closing.end(), name, only="#") if closing else None
            if result is not None and (isinstance(result.value, str) or type(result.value) is int):
                result = None  # `print` shows '5' and 5 alike
        elif lead == "assigned":
            result = result_after(text, end, name, only="#")
        elif lead == "plain" or before.rstrip().endswith("=="):
            result = (result_after(text, end, name) if lead else None) or _result_before(before)
        if result is not None:
            tolerance = abs_tol if abs_tol is not None else result.abs_tol
            examples.append(Example(args, kwargs, None if result.raises else result.value, result.raises, tolerance,
                                    origin="docstring"))
    return examples


def read_call(text: str, at: int) -> tuple[tuple[Any, ...], dict[str, Any], int] | None:
    """The arguments from behind the opening bracket, all constant, and the place behind the closing one."""
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    keyword = re.compile(r"([A-Za-z_]\w*)\s*=(?!=)\s*")
    space = re.compile(r"\s*")
    while True:
        at = space.match(text, at).end()  # type: ignore[union-attr]
        if text.startswith(")", at):
            return tuple(args), kwargs, at + 1
        named = keyword.match(text, at)
        found = read_value(text, named.end() if named else at)
        if found is None or (kwargs and not named):
            return None
        value, at = found
        if named:
            kwargs[named.group(1)] = value
        else:
            args.append(value)
        at = space.match(text, at).end()  # type: ignore[union-attr]
        if text.startswith(",", at):
            at += 1
        elif not text.startswith(")", at):
            return None


def result_after(text: str, at: int, name: str, only: str = "") -> Result | None:
    """The result that a separator at `at` announces."""
    separator = _NEXT_LINE.match(text, at)
    strict = False
    if separator is None:
        separator = _SEPARATOR.match(text, at)
        if separator is None or separator.group().count("\n") > 1:
            return None
        below = "\n" in separator.group()[:len(separator.group()) - len(separator.group().lstrip())]
        if below and not separator.group("sure"):  # only words that wrap at the line's end may go on below
            return None
        strict = bool(separator.group("weak")) or separator.group().strip().lower() == "is"
        if separator.group("raises"):
            raised = _RAISED.match(text, separator.end())
            sure = raised is not None and not _CONDITION.match(text, raised.end())
            return Result(None, raised.group(1), None, raised.end()) if raised and sure else None
    if only and only not in separator.group():
        return None
    about = bool(separator.re is _SEPARATOR and separator.group("approx"))
    return read_result(text, separator.end(), name, strict, about)


def read_result(text: str, at: int, name: str = "", strict: bool = False, about: bool = False) -> Result | None:
    """A value (or an exception's name) at `at`, if what follows it on the line leaves no doubt.

    With `strict` only a comment or nothing may follow.
    """
    if named := _ABOUT.match(text, at):
        at, about = named.end(), True
    if empty := _EMPTY.match(text, at):
        value = _EMPTIES[empty.group(1).lower()]
        return Result(type(value)(), None, None, empty.end()) if _settled(text, empty.end(), name, strict) else None
    error = _ERROR.match(text, at)
    if error and not strict and _is_exception(error.group(1)):
        if _CONDITION.match(text, error.end()):
            return None
        return Result(None, error.group(1), None, error.end())
    filler = _FILLER.match(text, at)
    start = filler.end() if filler else at
    if text.count("\n", at, start) > 1:
        return None
    found = read_value(text, start)
    if found is None:
        return None
    value, end = found
    literal = text[start:end]
    while chain := _CHAIN.match(text, end):  # 1 + 9 = 10: the last one, where all agree
        following = read_value(text, chain.end())
        if following is None or following[0] != value:
            return None
        value, end = following
    if text.startswith("...", end) and type(value) is float:  # 3.33...: cut off, not rounded
        return Result(value, None, 10.0 ** -_places(literal), end + 3)
    if not _settled(text, end, name, strict):
        return None
    rest = text[end:end + 60].split("\n", 1)[0]
    about = about or bool(re.search(r"\bapprox|\brounded\b|≈", rest, re.I))
    abs_tol = 0.5 * 10.0 ** -_places(literal) if about and _is_numeric(value) else None
    return Result(value, None, abs_tol, end)


def _settled(text: str, end: int, name: str, strict: bool) -> bool:
    """Whether the rest of the line leaves the value before it as it is."""
    rest = text[end:end + MAX_LINE].split("\n", 1)[0]
    if strict:
        return re.match(r"[\s`*.'\"”)|]*(?:$|#|//|[,;]\s*(?:and\s+)?" + re.escape(name or "\0") + r"\()", rest) is not None
    if re.search(r"any order|either order|order (?:may|can|does)", rest, re.I):
        return False
    if name and re.match(r"[\s`,;]*(?:and\s+|or\s+)?(?:assert\s+|>>>\s*)?" + re.escape(name) + r"\s?\(", rest):
        return True
    if _GOES_ON.match(rest):
        return True
    if aside := re.match(r"\s*[(\[]([^)]*)", rest):
        return rest[:1].isspace() and not _DOUBT.search(aside.group(1))
    if comma := re.match(r"[`'\"”]*(?:,(?=\s)|\s+and\b)\s*(?:and\b\s*)?", rest):  # `1, 2` could be a tuple
        return read_value(rest, comma.end()) is None and not _DOUBT.search(rest)
    return False


def _lead(before: str) -> str:
    """What the text before a call on its line makes of it: plain, print, round, assigned, or nothing usable."""
    before = _MARKS.sub("", before)
    if _BULLET.fullmatch(before):
        return "plain"
    stripped = before.rstrip()
    if WRONG.search(stripped):
        return ""
    if re.search(r"(?:^|\s)(?:sqrt|log|exp|sin|cos|tan|abs|len|max|min|sum|\d+)$", stripped):
        return ""  # `sqrt f(2) = 2`, `2 f(2) = 8`
    if wrapper := re.search(r"(\w*)\s*\($", stripped):
        word = wrapper.group(1)
        if word in ("print", "round"):
            return word if re.fullmatch(r"(?:.*[\s>`:]|)\w+\s*\(", stripped) else ""
        return "" if word else "plain" if re.search(r"(?:^|\s)\($", stripped) else ""
    if re.search(r"(?:[-=]>|>>>|➞|→|⇒|--)$", stripped):
        return "plain"
    if _ASSIGNED.search(stripped):
        return "assigned"
    if stripped.endswith((">", "≥", "≤", "≠")) or _BAD_LEAD.search(stripped):
        return ""
    return "plain"


def _result_before(before: str) -> Result | None:
    """`returns 5 for f(3)`, `"5" for f(3)`, `5 == f(3)`."""
    body = re.sub(r"^\s*(?:[-*•]\s+|>>>\s*|assert\s+|\d[.)]\s+)?", "", before)
    if WRONG.search(body):
        return None
    places = [0, *[found.end() for found in _BEFORE_FOR.finditer(body)][-3:]]
    for at in reversed(places):
        found = read_value(body, at)
        if found is not None and (_FOR_CALL.fullmatch(body, found[1])
                                  or (at == 0 and re.compile(r"\s*==\s*").fullmatch(body, found[1]))):
            return Result(found[0], None, None, found[1])
    return None


def _asserted(text: str, start: int, before: str, name: str) -> Example | None:
    """The example of `assert math.isclose(f(3), 0.1)` and other asserts that Python itself can parse."""
    keyword = before.rfind("assert ")
    if keyword < 0 or before[:keyword].strip(" \t`>*-.:").lower() not in ("", "e.g", "example", "examples", "for example"):
        return None
    source = text[start - len(before) + keyword:start + 2000]
    line_end = source.find("\n")
    for candidate in (source[:line_end] if line_end >= 0 else source, source):
        tree = parse_python(candidate.rstrip().rstrip("`.;"))
        if tree is not None and tree.body and isinstance(tree.body[0], ast.Assert):
            return example_of(tree.body[0].test, name, None, "docstring", rounded=True)
    return None


def _line_before(text: str, at: int) -> str:
    low = max(0, at - MAX_LINE)
    return text[max(low, text.rfind("\n", low, at) + 1):at]


def _heading(text: str, at: int) -> str:
    """The line above the block of lines around `at`, where it ends in a colon."""
    for line in reversed(text[max(0, at - MAX_LINE):at].split("\n")[:-1]):
        if line.strip().endswith(":"):
            return line
        if not line.strip():
            break
    return ""


def _is_exception(name: str) -> bool:
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, BaseException)


def _is_numeric(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return bool(value) and all(_is_numeric(item) for item in value)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _places(literal: str) -> int:
    """Decimal places of the least precise number in a literal's text."""
    return min((len(found.group(1)) for found in re.finditer(r"\d+(?:\.(\d+))?", literal) if found.group(1)), default=0)
