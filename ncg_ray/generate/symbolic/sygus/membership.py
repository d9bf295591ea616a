"""Whether an answer is a term of its grammar, or of its logic where no grammar is given."""

from __future__ import annotations

from collections.abc import Mapping

from ncg_ray.generate.symbolic.sygus.problem import Function, Grammar, Nonterminal, Problem
from ncg_ray.generate.symbolic.sygus.semantics import OPERATORS
from ncg_ray.generate.symbolic.sygus.terms import CONSTANT, INT, NONTERMINAL, STRING, VARIABLE, Term, postorder

_NOT_LINEAR = ("div", "mod", "abs")
"Operators of the theory of integers that the logic LIA leaves out."


def outside(problem: Problem, answers: Mapping[str, Function]) -> str:
    """Why the answers are not what the problem allows, in words; empty where they are."""
    for name, function in problem.functions.items():
        # The parameters may be called otherwise in the answer.
        body = answers[name].applied(tuple(Term(VARIABLE, (), sort, own) for own, sort in function.parameters))
        if function.grammar is not None:
            if not Membership(function.grammar).generates(function.grammar.start.name, body):
                return f"the body of {name} is not a term of its grammar"
        else:
            wrong = _outside_logic(problem.logic, body)
            if wrong:
                return f"the body of {name} is not a term of {problem.logic}: {wrong}"
    return ""


def _outside_logic(logic: str, body: Term) -> str:
    for part in postorder(body):
        if part.op in (VARIABLE, CONSTANT) or part.op not in OPERATORS:
            continue
        linear = "LIA" in logic
        if linear and part.op in _NOT_LINEAR:
            return f"{part.op} is not linear"
        if linear and part.op == "*" and sum(_has_variable(arg) for arg in part.args) > 1:
            return f"{part} is not linear"
        if "S" not in logic and logic != "ALL" and STRING in (part.sort, *(arg.sort for arg in part.args)):
            return "it has strings"
    return ""


def _has_variable(term: Term) -> bool:
    return any(part.op == VARIABLE for part in postorder(term))


class Membership:
    """Decides which nonterminals of a grammar a term can be derived from."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self._known: dict[tuple[str, Term], bool] = {}
        self._alike = {name: reached(grammar, name) for name in grammar.nonterminals}

    def generates(self, name: str, term: Term) -> bool:
        """Whether the nonterminal derives the term."""
        key = (name, term)
        if key not in self._known:
            self._known[key] = any(self._derives(self.grammar.nonterminals[other], term) for other in self._alike[name])
        return self._known[key]

    def _derives(self, nonterminal: Nonterminal, term: Term) -> bool:
        if term.op == CONSTANT and nonterminal.any_constant:
            return True
        return any(self._matches(production, term) for production in nonterminal.productions
                   if production.op != NONTERMINAL)

    def _matches(self, pattern: Term, term: Term) -> bool:
        if pattern.op == NONTERMINAL:
            return self.generates(str(pattern.value), term)
        if pattern.op == CONSTANT or pattern.op == VARIABLE:
            return pattern == term
        if pattern.op == "-" and len(pattern.args) == 1 and term.op == CONSTANT and term.sort == INT:
            assert isinstance(term.value, int)  # (- 1) is read as a literal
            return term.value <= 0 and self._matches(pattern.args[0], Term(CONSTANT, (), INT, -term.value))
        if pattern.op != term.op:
            return False
        args = term.args
        operator = OPERATORS.get(term.op)
        if operator is not None and operator.left and len(args) > len(pattern.args) == 2:
            args = (Term(term.op, args[:-1], term.sort), args[-1])  # (+ a b c) abbreviates (+ (+ a b) c)
        return len(args) == len(pattern.args) and all(map(self._matches, pattern.args, args))


def reached(grammar: Grammar, name: str) -> list[str]:
    """The nonterminals that one can become without any operator, itself among them."""
    found = [name]
    for at in found:  # which grows meanwhile
        found += [str(production.value) for production in grammar.nonterminals[at].productions
                  if production.op == NONTERMINAL and production.value not in found]
    return found
