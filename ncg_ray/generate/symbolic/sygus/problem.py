"""A synthesis problem as it is read: functions to find, grammars, constraints; and the examples, where it has only those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ncg_ray.generate.symbolic.sygus.terms import CONSTANT, Term, Value, postorder, rebuilt, substituted

Parameters = tuple[tuple[str, str], ...]
"(name, sort) of each parameter."


@dataclass(frozen=True, slots=True)
class Nonterminal:
    """A nonterminal of a grammar and what it may become."""

    name: str
    sort: str
    productions: tuple[Term, ...]
    "Terms in which other nonterminals are leaves."
    any_constant: bool = False
    "Whether every literal of its sort is allowed: `(Constant S)`."


@dataclass(frozen=True, slots=True)
class Grammar:
    """Nonterminals by name; the first is where a term begins."""

    nonterminals: Mapping[str, Nonterminal]

    @property
    def start(self) -> Nonterminal:
        return next(iter(self.nonterminals.values()))


@dataclass(frozen=True, slots=True)
class Function:
    """A function to find (`body` is None), or one that is defined."""

    name: str
    parameters: Parameters
    sort: str
    grammar: Grammar | None = None
    "None where any term of the logic will do."
    body: Term | None = None

    def applied(self, args: tuple[Term, ...]) -> Term:
        """The body with the arguments in the places of the parameters."""
        assert self.body is not None
        return substituted(self.body, {name: arg for (name, _), arg in zip(self.parameters, args, strict=True)})

    def own_body(self) -> Term:
        """The body over the parameters."""
        assert self.body is not None
        return self.body

    def with_body(self, body: Term) -> Function:
        return Function(self.name, self.parameters, self.sort, None, body)


@dataclass(frozen=True, slots=True)
class Examples:
    """Inputs and outputs of one function."""

    inputs: tuple[tuple[Value, ...], ...]
    outputs: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What a SyGuS file asks for. Constraints hold no defined function any more, only those to find."""

    logic: str
    functions: Mapping[str, Function]
    "Those to find."
    definitions: Mapping[str, Function]
    variables: Parameters
    constraints: tuple[Term, ...]
    lines: tuple[int, ...] = field(default=())
    "The line of each constraint."

    def examples(self) -> Examples | None:
        """The examples, equal ones once, where every constraint is `(= (f CONSTANTS) CONSTANT)` of the one function."""
        if len(self.functions) != 1 or not self.constraints:
            return None
        name, = self.functions
        found: dict[tuple[tuple[Value, ...], Value], None] = {}
        for constraint in self.constraints:
            pair = _example(constraint, name)
            if pair is None:
                return None
            found[pair] = None
        return Examples(tuple(inputs for inputs, _ in found), tuple(output for _, output in found))

    def contradiction(self) -> str:
        """Two examples with the same input and different outputs, in words; empty where there are none."""
        if len(self.functions) != 1:
            return ""
        name, = self.functions
        seen: dict[tuple[Value, ...], tuple[Value, Term, int]] = {}
        for constraint, line in zip(self.constraints, self.lines, strict=True):
            pair = _example(constraint, name)
            if pair is None:
                continue
            inputs, output = pair
            first = seen.setdefault(inputs, (output, constraint, line))
            if first[0] != output:
                return (f"no function gives two results for one input: {first[1]} on line {first[2]} and {constraint} on "
                        f"line {line}; correct or remove one of them")
        return ""

    def expanded(self, term: Term) -> Term:
        """The term with defined functions replaced by their bodies."""
        def inlined(part: Term) -> Term | None:
            function = self.definitions.get(part.op)
            return function.applied(part.args) if function is not None else None
        return rebuilt(term, inlined)

    def with_answers(self, answers: Mapping[str, Function]) -> list[Term]:
        """The constraints with the answers in the places of the functions."""
        def inlined(part: Term) -> Term | None:
            answer = answers.get(part.op)
            return answer.applied(part.args) if answer is not None else None
        return [rebuilt(constraint, inlined) for constraint in self.constraints]


def _example(constraint: Term, name: str) -> tuple[tuple[Value, ...], Value] | None:
    if constraint.op == name:  # a Boolean function that is true of its arguments
        sides: list[tuple[Term, Value]] = [(constraint, True)]
    elif constraint.op == "not" and constraint.args[0].op == name:
        sides = [(constraint.args[0], False)]
    elif constraint.op == "=" and len(constraint.args) == 2:
        left, right = constraint.args
        sides = [(a, b.value) for a, b in ((left, right), (right, left)) if b.op == CONSTANT and b.value is not None]
    else:
        return None
    for call, output in sides:
        if call.op == name and all(arg.op == CONSTANT for arg in call.args):
            return tuple(arg.value for arg in call.args if arg.value is not None), output
    return None


def invocations(problem: Problem) -> set[Term]:
    """All different applications of functions to find."""
    return {part for constraint in problem.constraints for part in postorder(constraint) if part.op in problem.functions}
