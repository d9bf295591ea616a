"""Linear terms over integers: normal forms, and Boolean terms over them made smaller."""

from __future__ import annotations

from collections.abc import Mapping

from ncg_ray.generate.symbolic.sygus.terms import BOOL, CONSTANT, INT, VARIABLE, Term, constant, rebuilt, variable

COMPARISONS = ("=", "<=", "<", ">=", ">", "distinct")
Linear = Mapping[str, int]
"Coefficients by variable; that of the constant is under the empty name. None are 0."


def linear_of(term: Term) -> dict[str, int] | None:
    """The normal form of an integer term; None where it is not linear, or has a conditional."""
    if term.op == CONSTANT and isinstance(term.value, int):
        return {"": term.value} if term.value else {}
    if term.op == VARIABLE:
        return {str(term.value): 1}
    if term.op not in ("+", "-", "*"):
        return None
    parts = [linear_of(arg) for arg in term.args]
    if None in parts:
        return None
    first, *rest = (part for part in parts if part is not None)
    if term.op == "-" and not rest:
        return scaled(first, -1)
    for part in rest:
        if term.op == "*":
            if set(first) - {""} and set(part) - {""}:
                return None
            first = scaled(first, part.get("", 0)) if not set(part) - {""} else scaled(part, first.get("", 0))
        else:
            first = plus(first, part if term.op == "+" else scaled(part, -1))
    return first


def plus(left: Linear, right: Linear) -> dict[str, int]:
    total = dict(left)
    for name, number in right.items():
        total[name] = total.get(name, 0) + number
    return {name: number for name, number in total.items() if number}


def scaled(linear: Linear, factor: int) -> dict[str, int]:
    return {name: number * factor for name, number in linear.items()} if factor else {}


def term_of(linear: Linear) -> Term:
    """The shortest usual way to write it: `(- x y)`, `(+ (* 3 x) 1)`."""
    positive = [_product(name, number) for name, number in sorted(linear.items()) if name and number > 0]
    negative = [_product(name, -number) for name, number in sorted(linear.items()) if name and number < 0]
    number = linear.get("", 0)
    if number > 0 or (not positive and not negative):
        positive.append(constant(number))
    elif number < 0 and positive:
        negative.append(constant(-number))
    elif number < 0:
        positive.append(constant(number))
    whole = positive[0] if positive else constant(0)
    if len(positive) > 1:
        whole = Term("+", tuple(positive), INT)
    return Term("-", (whole, *negative), INT) if negative else whole


def _product(name: str, number: int) -> Term:
    return variable(name, INT) if number == 1 else Term("*", (constant(number), variable(name, INT)), INT)


def difference(atom: Term) -> dict[str, int] | None:
    """Left minus right of a comparison of integers; None where it is none, or not linear."""
    if atom.op not in COMPARISONS or len(atom.args) != 2 or atom.args[0].sort != INT:
        return None
    left, right = map(linear_of, atom.args)
    return plus(left, scaled(right, -1)) if left is not None and right is not None else None


def decided(op: str, number: int) -> bool:
    """Whether `number OP 0`."""
    return {"=": number == 0, "<=": number <= 0, "<": number < 0, ">=": number >= 0, ">": number > 0,
            "distinct": number != 0}[op]


def simplified(term: Term) -> Term:
    """An equal Boolean term without comparisons of constants, double parts or neutral ones."""
    return rebuilt(term, _smaller)


def _smaller(term: Term) -> Term | None:
    true, false = constant(True), constant(False)
    if term.op in COMPARISONS:
        rest = difference(term)
        if rest is not None and not set(rest) - {""}:
            return constant(decided(term.op, rest.get("", 0)))
        return true if term.op == "=" and term.args[0] == term.args[1] else None
    if term.op == "not":
        inner = term.args[0]
        return constant(not inner.value) if inner.op == CONSTANT else inner.args[0] if inner.op == "not" else None
    if term.op == "=>":
        left, right = term.args
        return _smaller(Term("or", (negated(left), right), BOOL)) or Term("or", (negated(left), right), BOOL)
    if term.op == "ite" and term.args[0].op == CONSTANT:
        return term.args[1] if term.args[0].value else term.args[2]
    if term.op in ("and", "or"):
        neutral, absorbing = (true, false) if term.op == "and" else (false, true)
        parts: dict[Term, None] = {}
        for arg in term.args:
            parts |= dict.fromkeys(arg.args if arg.op == term.op else (arg,))
        parts.pop(neutral, None)
        if absorbing in parts or any(negated(part) in parts for part in parts):
            return absorbing
        if len(parts) < 2:
            return next(iter(parts), neutral)
        return Term(term.op, tuple(parts), BOOL)
    return None


def negated(term: Term) -> Term:
    return term.args[0] if term.op == "not" else Term("not", (term,), BOOL) if term.op != CONSTANT \
        else constant(not term.value)



