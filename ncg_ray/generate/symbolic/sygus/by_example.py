"""Programming by example: levels of enumeration, and after each one deduction and decision trees.

Long lists of examples are met by a growing choice of them: an answer that is wrong on one of the rest brings that one in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ncg_ray.generate.symbolic.sygus.bank import Bank, Clock, Entry, Spent
from ncg_ray.generate.symbolic.sygus.problem import Examples, Function, Problem
from ncg_ray.generate.symbolic.sygus.rules import Rules, default_grammar, rules_of
from ncg_ray.generate.symbolic.sygus.semantics import Undefined, evaluate
from ncg_ray.generate.symbolic.sygus.terms import BOOL, Term, Value
from ncg_ray.generate.symbolic.sygus.trees import Trees
from ncg_ray.generate.symbolic.sygus.witness import Witness

FIRST_ROWS, MORE_ROWS = 8, 3
MAX_COST = 40
DEDUCE_FROM = 3
"The cost from which on the bank is worth deducing over."
DEDUCE_SHARE, DEDUCE_S = 1.0, 0.3
"CPU time of the deduction after a level: a share of what the enumeration took so far, and these seconds."
PATIENCE_S = 0.4
"CPU time in which, after the first answer, a smaller one is sought: small ones are more often what was meant."
LAST_SHARE = 0.35
"Of the budget, what is kept for deduction over the last bank."


def find_by_example(problem: Problem, examples: Examples, clock: Clock) -> Term | None:
    """The body of the one function that is right on all examples; None where none was found in time."""
    function, = problem.functions.values()
    values = {value for row in examples.inputs for value in row} | set(examples.outputs)
    spoken = sorted((v for v in values if not isinstance(v, bool)), key=lambda v: (str(type(v)), len(str(v)), str(v)))
    rules = rules_of(function.grammar or default_grammar(function, problem.logic), problem.definitions,
                     [True, False, 0, 1, "", *spoken[:12]])
    chosen = _first_rows(examples)
    while True:
        term = Search(function, rules, examples, chosen, clock).run()
        if term is None:
            return None
        plain = problem.expanded(term)
        wrong = [row for row in range(len(examples.inputs)) if not _right(function, plain, examples, row)]
        if not wrong:
            return term
        chosen = sorted({*chosen, *wrong[:MORE_ROWS]})


def _right(function: Function, term: Term, examples: Examples, row: int) -> bool:
    names = dict(zip((name for name, _ in function.parameters), examples.inputs[row], strict=True))
    try:
        return evaluate(term, names) == examples.outputs[row]
    except Undefined:
        return False


def _smaller(one: Term | None, other: Term | None) -> Term | None:
    if one is None or other is None:
        return one or other
    return min(one, other, key=Term.size)


def _first_rows(examples: Examples) -> list[int]:
    """Rows that differ much: by the length of what goes in and comes out."""
    order = sorted(range(len(examples.inputs)), key=lambda row: (len(str(examples.outputs[row])),
                                                                 len(str(examples.inputs[row])), row))
    if len(order) <= FIRST_ROWS + 4:
        return sorted(order)
    step = (len(order) - 1) / (FIRST_ROWS - 1)
    return sorted({order[round(i * step)] for i in range(FIRST_ROWS)})


class Search:
    """One search over some of the examples."""

    def __init__(self, function: Function, rules: Rules, examples: Examples, chosen: Sequence[int], clock: Clock) -> None:
        names = [name for name, _ in function.parameters]
        inputs: list[Mapping[str, Value]] = [dict(zip(names, examples.inputs[row], strict=True)) for row in chosen]
        self.rules, self.clock = rules, clock
        self.wanted = tuple(examples.outputs[row] for row in chosen)
        lengths = [len(v) for row in chosen for v in (*examples.inputs[row], examples.outputs[row]) if isinstance(v, str)]
        self.bank = Bank(rules, inputs, max([*lengths, 8]) + 8, clock)
        self.rows = tuple(range(len(chosen)))
        self.all = (1 << len(chosen)) - 1
        self._right: dict[tuple[str, tuple[Value, ...]], tuple[list[tuple[int, Entry]], set[int], int]] = {}

    def run(self) -> Term | None:
        """A term that is right on the chosen examples, a small one; None where the time ran out."""
        end, best = self.clock.end, None
        self.clock.end -= LAST_SHARE * max(0.0, self.clock.left_s())
        try:
            for cost in range(1, MAX_COST):
                spent = self._grow()
                entry = self.bank.known[self.rules.start].get(self.wanted)
                if entry is not None:
                    return _smaller(best, entry.term())
                if spent and best is not None:
                    return best
                if spent:
                    self.clock.end = end
                if cost >= DEDUCE_FROM or spent:
                    found = self._deduce(all_of_it=spent)
                    if found is not None and best is None:
                        self.clock.end = min(self.clock.end, self.clock.end - self.clock.left_s() + PATIENCE_S)
                    best = _smaller(best, found)
                if spent or (best is not None and best.size() <= cost + 1):
                    break
        finally:
            self.clock.end = end
        return best

    def _grow(self) -> bool:
        """All terms of one cost more; whether the time or the room for them ran out."""
        try:
            self.bank.grow()
        except Spent:
            return True
        return False

    def _deduce(self, all_of_it: bool) -> Term | None:
        """Deduction and trees over the bank as it stands, for a share of the time or all of it."""
        end = self.clock.end
        if not all_of_it:
            share = self.clock.used_s() * DEDUCE_SHARE + DEDUCE_S
            self.clock.end = min(end, end - self.clock.left_s() + share)
        witness = Witness(self.bank)
        try:
            for depth in (1, 2):
                found = witness.find(self.rules.start, self.rows, self.wanted, depth)
                if found is None:
                    found = self._by_cases(self.rules.start, self.wanted, witness, depth)
                if found is None and self.rules.sorts[self.rules.start] == BOOL:
                    found = self._by_equality(witness, depth)
                if found is not None:
                    return found
        except Spent:
            pass
        finally:
            self.clock.end = end
        return None

    def _by_cases(self, name: str, wanted: tuple[Value, ...], witness: Witness, depth: int) -> Term | None:
        """A decision tree whose leaves are at hand or deduced."""
        rule = next((rule for rule in self.rules.simple(name, "ite") if rule.holes[1:] == (name, name)), None)
        if rule is None or len(self.rows) < 2:
            return None
        right = self._partly_right(name, wanted)

        def leaf(mask: int) -> Term | None:
            rows = tuple(row for row in self.rows if mask >> row & 1)
            return witness.find(name, rows, tuple(wanted[row] for row in rows), depth) if mask != self.all else None

        return Trees(self.bank, rule, self.clock).build(self.all, right, leaf, depth=len(self.rows) - 1)

    def _partly_right(self, name: str, wanted: tuple[Value, ...]) -> list[tuple[int, Entry]]:
        """On which rows each term is right, for the cheapest of each set of rows."""
        found, seen, done = self._right.setdefault((name, wanted), ([], set(), 0))
        entries = self.bank.known[name]
        for number, (values, entry) in enumerate(entries.items()):
            if number < done:
                continue
            mask = sum(1 << i for i, (value, want) in enumerate(zip(values, wanted, strict=True)) if value == want)
            if mask and mask not in seen:
                seen.add(mask)
                found.append((mask, entry))
        self._right[name, wanted] = (found, seen, len(entries))
        return found

    def _by_equality(self, witness: Witness, depth: int) -> Term | None:
        """A truth value as `(= TREE CONSTANT)`, for grammars that have conditionals only of other sorts."""
        for rule in self.rules.simple(self.rules.start, "="):
            name, other = rule.holes
            constants = [entry for entry in self.bank.known[name].values() if entry.cost == 1 and entry.constant][:2]
            if name != other or len(constants) < 2:
                continue
            yes, no = constants
            wanted = tuple((yes if want else no).values[0] for want in self.wanted)
            tree = self._by_cases(name, wanted, witness, depth)
            if tree is not None:
                return rule.filled((tree, yes.term()))
        return None
