"""A grammar made ready for enumeration: nonterminals that derive the same share a bank, and every rule can be computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ncg_ray.generate.symbolic.sygus.membership import reached
from ncg_ray.generate.symbolic.sygus.problem import Function, Grammar, Nonterminal
from ncg_ray.generate.symbolic.sygus.semantics import OPERATORS, applied
from ncg_ray.generate.symbolic.sygus.terms import (
    BOOL,
    CONSTANT,
    INT,
    NONTERMINAL,
    STRING,
    VARIABLE,
    Term,
    Value,
    constant,
    postorder,
    variable,
)

ITE_COST = 3
"Conditionals are put together by decision trees (`trees`); enumerating them as well would fill the bank."
LENGTHENING = ("str.++", "str.replace", "str.replace_all", "str.from_int")
COMMUTATIVE = ("+", "*", "and", "or", "xor", "=", "distinct")


@dataclass(frozen=True, eq=False)
class Rule:
    """One production: a template with holes for terms of other banks."""

    template: Term
    holes: tuple[str, ...]
    "The banks, from left to right."
    op: str
    "The operator where the template is one over holes alone, else empty."
    apply: Callable[..., Any]
    cost: int

    def filled(self, args: Iterable[Term]) -> Term:
        """The template with terms in its holes."""
        rest = iter(args)

        def fill(part: Term) -> Term:
            if part.op == NONTERMINAL:
                return next(rest)
            return Term(part.op, tuple(map(fill, part.args)), part.sort, part.value)

        return fill(self.template)


@dataclass(frozen=True)
class Rules:
    """The rules of each bank."""

    start: str
    sorts: Mapping[str, str]
    leaves: Mapping[str, tuple[Term, ...]]
    rules: Mapping[str, tuple[Rule, ...]]

    def simple(self, bank: str, op: str) -> list[Rule]:
        """The rules that are an operator over holes."""
        return [rule for rule in self.rules[bank] if rule.op == op]


def rules_of(grammar: Grammar, definitions: Mapping[str, Function], constants: Iterable[Value]) -> Rules:
    """Rules of a grammar. `constants`: what `(Constant S)` may stand for."""
    productions = {name: _productions(grammar, name, constants) for name in grammar.nonterminals}
    bank_of: dict[str, str] = {}
    for name, terms in productions.items():
        bank_of[name] = next((other for other in bank_of.values() if productions[other] == terms), name)
    leaves: dict[str, tuple[Term, ...]] = {}
    rules: dict[str, tuple[Rule, ...]] = {}
    for bank in dict.fromkeys(bank_of.values()):
        leaves[bank] = tuple(term for term in productions[bank] if term.op in (VARIABLE, CONSTANT))
        rules[bank] = tuple(_rule(term, bank_of, definitions) for term in productions[bank]
                            if term.op not in (VARIABLE, CONSTANT))
    return Rules(bank_of[grammar.start.name], {bank: grammar.nonterminals[bank].sort for bank in rules}, leaves, rules)


def _productions(grammar: Grammar, name: str, constants: Iterable[Value]) -> dict[Term, None]:
    found: dict[Term, None] = {}
    for other in reached(grammar, name):
        nonterminal = grammar.nonterminals[other]
        found |= {term: None for term in nonterminal.productions if term.op != NONTERMINAL}
        if nonterminal.any_constant:
            found |= {term: None for term in map(constant, constants) if term.sort == nonterminal.sort}
    return found


def _rule(template: Term, bank_of: Mapping[str, str], definitions: Mapping[str, Function]) -> Rule:
    holes = tuple(bank_of[str(leaf.value)] for leaf in _leaves(template) if leaf.op == NONTERMINAL)
    plain = template.op in OPERATORS and all(arg.op == NONTERMINAL for arg in template.args)
    op = template.op if plain and len(template.args) == len(OPERATORS[template.op].args) else ""
    nodes = [part for part in postorder(template) if part.op != NONTERMINAL]
    cost = max(1, len(nodes)) + (ITE_COST if template.op == "ite" else 0)
    return Rule(template, holes, op, OPERATORS[op].apply if op else _compiled(template, definitions), cost)


def _leaves(term: Term) -> list[Term]:
    return [leaf for arg in term.args for leaf in _leaves(arg)] if term.args else [term]


def _compiled(template: Term, definitions: Mapping[str, Function]) -> Callable[..., Any]:
    """A function from the values of the holes to the template's value; variables are not in it."""
    names: list[str] = []

    def numbered(part: Term) -> Term:
        if part.op == NONTERMINAL:
            names.append(f"?{len(names)}")
            return variable(names[-1], part.sort)
        return Term(part.op, tuple(map(numbered, part.args)), part.sort, part.value)

    def closure(part: Term) -> Callable[[Mapping[str, Any]], Any]:
        if part.op == CONSTANT:
            value = part.value
            return lambda scope: value
        if part.op == VARIABLE:
            name = str(part.value)
            return lambda scope: scope[name]
        if part.op in definitions:
            return closure(definitions[part.op].applied(part.args))
        op, args = part.op, [closure(arg) for arg in part.args]
        if op == "ite":
            test, yes, no = args
            return lambda scope: yes(scope) if test(scope) else no(scope)
        return lambda scope: applied(op, [arg(scope) for arg in args])

    run = closure(numbered(template))
    return lambda *values: run(dict(zip(names, values, strict=True)))


def default_grammar(function: Function, logic: str) -> Grammar:
    """The terms of a logic as a grammar: linear arithmetic, and strings where the logic has them."""
    def hole(sort: str) -> Term:
        return Term(NONTERMINAL, (), sort, sort)

    sorts = [INT, BOOL, *([STRING] if "S" in logic or logic == "ALL" else [])]
    productions: dict[str, list[Term]] = {sort: [variable(name, of) for name, of in function.parameters if of == sort]
                                          for sort in sorts}
    for op, known in OPERATORS.items():
        if op in ("div", "mod", "abs", "*", "xor", "=>", "distinct", ">", ">="):
            continue
        for sort in sorts if "any" in known.args else [INT]:
            args = tuple(sort if arg == "any" else arg for arg in known.args)
            result = sort if known.result == "any" else known.result
            if {*args, result} <= set(sorts):
                productions[result].append(Term(op, tuple(map(hole, args)), result))
    order = [function.sort, *(sort for sort in sorts if sort != function.sort)]
    return Grammar({sort: Nonterminal(sort, sort, tuple(productions[sort]), any_constant=True) for sort in order})
