"""Answers as text: `define-fun`, and readable Python whose helpers have SMT-LIB's exact meaning."""

from __future__ import annotations

import inspect
import keyword
import re
from collections.abc import Callable, Mapping

from ncg_ray.generate.symbolic.sygus import semantics
from ncg_ray.generate.symbolic.sygus.problem import Function
from ncg_ray.generate.symbolic.sygus.terms import CONSTANT, INT, VARIABLE, Term

MAX_NODES = 4000
"A larger term is not written as Python: shared parts are written each time."
PYTHON_SORT = {"Int": "int", "Bool": "bool", "String": "str"}
_HELPERS: dict[str, tuple[str, Callable[..., object]]] = {
    "str.at": ("at", semantics.at), "str.substr": ("substr", semantics.substr),
    "str.indexof": ("indexof", semantics.indexof),
    "str.replace": ("replace", semantics.replace), "str.replace_all": ("replace_all", semantics.replace_all),
    "str.to_int": ("to_int", semantics.to_int), "str.from_int": ("from_int", semantics.from_int)}
_INFIX = {"+": "+", "-": "-", "*": "*", "str.++": "+", "=": "==", "distinct": "!=", "<": "<", "<=": "<=", ">": ">",
          ">=": ">=", "str.<": "<", "str.<=": "<=", "and": "and", "or": "or", "xor": "!="}
_COMPARE, _SUM, _PRODUCT, _ATOM = 4, 5, 6, 9
_STRENGTH = {"or": 1, "and": 2, "+": _SUM, "-": _SUM, "str.++": _SUM, "*": _PRODUCT}


class Untranslatable(Exception):
    """An operator that has no Python here."""


def define_fun(function: Function) -> str:
    """The function as SMT-LIB text."""
    parameters = " ".join(f"({_symbol(name)} {sort})" for name, sort in function.parameters)
    return f"(define-fun {_symbol(function.name)} ({parameters}) {function.sort} {function.body})"


def _symbol(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9~!@$%^&*_+=<>.?/-]+", name) else f"|{name}|"


def python_code(functions: Mapping[str, Function]) -> str:
    """The functions as one Python module; empty where an operator does not translate or a term is very large."""
    texts, helpers = [], dict[str, None]()
    for function in functions.values():
        body = function.own_body()
        if body.size() > MAX_NODES:
            return ""
        try:
            names = _names([name for name, _ in function.parameters])
            writer = _Writer(names, helpers)
            parameters = ", ".join(f"{names[name]}: {PYTHON_SORT[sort]}" for name, sort in function.parameters)
            name, = _names([function.name]).values()
            statements = "\n".join(writer.statements(body, "    "))
            texts.append(f"def {name}({parameters}) -> {PYTHON_SORT[function.sort]}:\n{statements}\n")
        except (Untranslatable, RecursionError):
            return ""
    sources = [inspect.getsource(_HELPERS[op][1]) for op in helpers]
    return "\n\n".join([*sources, *texts])


def compiled(term: Term, parameters: list[str]) -> Callable[..., object]:
    """A Python function of the parameters, in that order. Raises Untranslatable."""
    helpers: dict[str, None] = {}
    names = _names(parameters)
    text = f"lambda {', '.join(names.values())}: {_Writer(names, helpers).expression(term)}"
    try:
        made = eval(text, {name: call for name, call in (_HELPERS[op] for op in helpers)})  # our own text, not the user's
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise Untranslatable(str(error)) from error
    return made  # type: ignore[no-any-return]


def _names(names: list[str]) -> dict[str, str]:
    """An identifier for each name, all different and none of them a helper's or a builtin that is used."""
    taken = {name for name, _ in _HELPERS.values()} | {"len", "abs"}
    found: dict[str, str] = {}
    for name in names:
        wanted = re.sub(r"\W", "_", name, flags=re.ASCII)
        wanted = f"v{wanted}" if not wanted or wanted[0].isdigit() else wanted
        while keyword.iskeyword(wanted) or wanted in taken:
            wanted += "_"
        taken.add(wanted)
        found[name] = wanted
    return found


class _Writer:
    def __init__(self, names: Mapping[str, str], helpers: dict[str, None]) -> None:
        self.names, self.helpers = names, helpers

    def statements(self, term: Term, indent: str) -> list[str]:
        lines = []
        while term.op == "ite":
            test, yes, term = term.args
            lines += [f"{indent}if {self.expression(test)}:", *self.statements(yes, indent + "    ")]
        return [*lines, f"{indent}return {self.expression(term)}"]

    def expression(self, term: Term) -> str:
        return self._written(term)[0]

    def _written(self, term: Term) -> tuple[str, int]:
        """The text and how strongly it binds."""
        if term.op == CONSTANT:
            return repr(term.value), _ATOM if not isinstance(term.value, int) or term.value >= 0 else _PRODUCT
        if term.op == VARIABLE:
            return self.names[str(term.value)], _ATOM
        op, args = term.op, term.args
        if op in _HELPERS:
            self.helpers[op] = None
            return f"{_HELPERS[op][0]}({', '.join(map(self.expression, args))})", _ATOM
        if op == "-" and len(args) == 1:
            return f"-{self._bound(args[0], _PRODUCT + 1)}", _PRODUCT
        if op in _INFIX:
            strength = _STRENGTH.get(op, _COMPARE)
            if strength == _COMPARE and len(args) > 2:  # `a != b != c` is another thing in Python
                args = (Term(op, args[:-1], term.sort), args[-1])
            first, *rest = args
            # A comparison of comparisons would chain in Python.
            parts = [self._bound(first, strength + (strength == _COMPARE)), *(self._bound(a, strength + 1) for a in rest)]
            return f" {_INFIX[op]} ".join(parts), strength
        if op == "not":
            return f"not {self._bound(args[0], 3)}", 3
        if op == "=>":
            return f"not {self._bound(args[0], 3)} or {self._bound(args[1], 2)}", 1
        if op == "ite":
            test, yes, no = (self._bound(arg, 1) for arg in args)
            return f"{yes} if {test} else {no}", 0
        if op in ("str.len", "abs"):
            return f"{'len' if op == 'str.len' else op}({self.expression(args[0])})", _ATOM
        if op == "str.contains":
            return f"{self._bound(args[1], _SUM)} in {self._bound(args[0], _SUM)}", _COMPARE
        if op in ("str.prefixof", "str.suffixof"):
            method = "startswith" if op == "str.prefixof" else "endswith"
            return f"{self._bound(args[1], _ATOM)}.{method}({self.expression(args[0])})", _ATOM
        if op in ("div", "mod") and args[1].op == CONSTANT and args[1].sort == INT and int(args[1].value or 0) > 0:
            return f"{self._bound(args[0], _PRODUCT)} {'//' if op == 'div' else '%'} {args[1].value}", _PRODUCT
        raise Untranslatable(op)

    def _bound(self, term: Term, strength: int) -> str:
        text, own = self._written(term)
        return text if own >= strength else f"({text})"
