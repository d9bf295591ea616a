"""From S-expressions to terms with sorts; every error says which line and what to write instead."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

from ncg_ray.generate.symbolic.sygus.problem import Function
from ncg_ray.generate.symbolic.sygus.semantics import ANY, OLDER_NAMES, OPERATORS
from ncg_ray.generate.symbolic.sygus.sexpr import Atom, Group, SExpr, error, shown
from ncg_ray.generate.symbolic.sygus.terms import BOOL, INT, SORTS, Term, constant

_NUMERAL = re.compile(r"-?[0-9]+")
MAX_DIGITS = 1000


def sort_of(item: SExpr) -> str:
    """The name of a sort. Raises TaskError for one that is not supported."""
    if isinstance(item, Atom) and item.text in SORTS:
        return item.text
    raise error(item.line, f"the sort {shown(item)} is not supported; the sorts are {', '.join(SORTS)}")


def symbol_of(item: SExpr, what: str) -> str:
    """The text of a symbol. Raises TaskError."""
    if isinstance(item, Group) or item.is_string:
        raise error(item.line, f"{what} was expected, not {shown(item)}")
    return item.text


class Elaborator:
    """Makes terms of S-expressions.

    Args:
        functions: those that may be applied besides the operators, to find or defined.
        inline: whether an application of a defined function becomes its body.
    """

    def __init__(self, functions: Mapping[str, Function], inline: bool) -> None:
        self.functions, self.inline = functions, inline

    def term(self, item: SExpr, scope: Mapping[str, Term]) -> Term:
        """The term. `scope`: what names stand for. Raises TaskError."""
        if isinstance(item, Atom):
            return self._leaf(item, scope)
        if not item.items:
            raise error(item.line, "'()' is no term")
        head = symbol_of(item.items[0], "the name of a function")
        if head == "let":
            return self._let(item, scope)
        args = tuple(self.term(arg, scope) for arg in item.items[1:])
        return self.application(OLDER_NAMES.get(head, head), args, item)

    def _leaf(self, item: Atom, scope: Mapping[str, Term]) -> Term:
        if item.is_string:
            return constant(item.text)
        if item.text in scope:
            return scope[item.text]
        if item.text in ("true", "false"):
            return constant(item.text == "true")
        if _NUMERAL.fullmatch(item.text):
            if len(item.text) > MAX_DIGITS:
                raise error(item.line, f"a number of {len(item.text)} digits; at most {MAX_DIGITS} are read")
            return constant(int(item.text))
        if item.text in self.functions:
            return self.application(item.text, (), item)
        raise error(item.line, f"{shown(item)} is not declared here; declare it with (declare-var {shown(item)} Int) or "
                               f"as a parameter" + _hint(item.text))

    def _let(self, item: Group, scope: Mapping[str, Term]) -> Term:
        if len(item.items) != 3 or not isinstance(item.items[1], Group):
            raise error(item.line, "let is written (let ((NAME TERM) ...) TERM)")
        inner = dict(scope)
        for pair in item.items[1].items:
            if not isinstance(pair, Group) or len(pair.items) != 2:
                raise error(pair.line, f"let is written (let ((NAME TERM) ...) TERM), not with {shown(pair)}")
            inner[symbol_of(pair.items[0], "a name")] = self.term(pair.items[1], scope)
        return self.term(item.items[2], inner)

    def application(self, name: str, args: tuple[Term, ...], item: SExpr) -> Term:
        """An operator or function on arguments, checked. Raises TaskError."""
        function = self.functions.get(name)
        if function is not None:
            wanted = tuple(sort for _, sort in function.parameters)
            if tuple(arg.sort for arg in args) != wanted:
                raise error(item.line, f"{name} takes ({' '.join(wanted)}), not ({' '.join(arg.sort for arg in args)}): "
                                       f"{shown(item)}")
            return function.applied(args) if self.inline and function.body is not None else Term(name, args, function.sort)
        operator = OPERATORS.get(name)
        if operator is None:
            raise error(item.line, f"{name!r} is neither an operator of Core, Ints or Strings nor a defined function: "
                                   f"{shown(item)}" + _hint(name))
        if name == "-" and len(args) == 1 and args[0].sort == INT:
            value = args[0].value
            return constant(-value) if isinstance(value, int) and not args[0].args and args[0].op == "?constant" \
                else Term("-", args, INT)
        _check(name, args, item)
        if name == "=>" and len(args) > 2:
            return Term(name, (args[0], self.application(name, args[1:], item)), BOOL)
        if len(args) > 2 and (operator.chained or name == "distinct"):
            pairs = itertools.pairwise(args) if operator.chained else \
                ((a, b) for i, a in enumerate(args) for b in args[i + 1:])
            return Term("and", tuple(Term(name, pair, BOOL) for pair in pairs), BOOL)
        return Term(name, args, args[1].sort if name == "ite" else operator.result)


def _check(name: str, args: tuple[Term, ...], item: SExpr) -> None:
    operator = OPERATORS[name]
    wanted = operator.args
    if len(args) > len(wanted) and (operator.left or operator.chained or name in ("=>", "distinct")):
        wanted += (wanted[-1],) * (len(args) - len(wanted))
    given = " ".join(arg.sort for arg in args)
    free = {arg.sort for arg, sort in zip(args, wanted, strict=False) if sort == ANY}
    right = all(sort in (ANY, arg.sort) for arg, sort in zip(args, wanted, strict=False))
    if len(args) == 1 and operator.left and right:
        return
    if len(args) != len(wanted) or not right or len(free) > 1:
        raise error(item.line, f"{name} takes ({' '.join(operator.args)}), not ({given}): {shown(item)}")


def _hint(name: str) -> str:
    return "; bit vectors are not supported" if name.startswith(("#", "bv")) else ""
