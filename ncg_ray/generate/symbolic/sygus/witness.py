"""Deduction from the wanted values: what the arguments of an operator must be so that it gives them.

Substrings, concatenations, replacements, sums and conversions are taken apart; what is left is looked up in the bank.
Source: witness functions of Polozov, Gulwani, "FlashMeta", OOPSLA 2015; Lee, "Combining the Top-Down Propagation and
Bottom-Up Enumeration for Inductive Program Synthesis", POPL 2021 (Duet).
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from ncg_ray.generate.symbolic.sygus.bank import Bank, Entry
from ncg_ray.generate.symbolic.sygus.positions import SUBSTR, Cutter, Piece, Positions, sources_of
from ncg_ray.generate.symbolic.sygus.rules import Rule
from ncg_ray.generate.symbolic.sygus.semantics import replace
from ncg_ray.generate.symbolic.sygus.terms import INT, STRING, Term

MAX_STATES = 250
"Of one search for a concatenation."
MAX_PARTS, MAX_SOURCES, MAX_STRINGS = 400, 40, 400
MAX_INTS, MAX_DIGITS = 3000, 1000

Rows = tuple[int, ...]
Ends = tuple[int, ...]
"How much of each row's text is there."


class Witness:
    """Deduces terms over a bank as it stands; make a new one when the bank has grown."""

    def __init__(self, bank: Bank) -> None:
        self.bank, self.clock = bank, bank.clock
        self.rules = bank.rules
        self._positions: dict[str, Positions] = {}
        self._known: dict[tuple[str, Rows, tuple[Any, ...], int], Term | None] = {}

    def find(self, name: str, rows: Rows, wanted: tuple[Any, ...], depth: int) -> Term | None:
        """A term of the bank's nonterminal with these values on these rows; None where none is found. Raises Spent.

        `depth`: of operators that are taken apart.
        """
        self.clock.look()
        key = (name, rows, wanted, depth)
        if key not in self._known:
            self._known[key] = None
            entry = self._looked_up(name, rows, wanted)
            self._known[key] = entry.term() if entry is not None else self._deduced(name, rows, wanted, depth)
        return self._known[key]

    def _looked_up(self, name: str, rows: Rows, wanted: tuple[Any, ...]) -> Entry | None:
        known = self.bank.known[name]
        if len(rows) == len(self.bank.rows):
            return known.get(wanted)
        first, value = rows[0], wanted[0]
        for entry in known.values():
            if entry.values[first] == value and all(entry.values[r] == w for r, w in zip(rows, wanted, strict=True)):
                return entry
        return None

    def _deduced(self, name: str, rows: Rows, wanted: tuple[Any, ...], depth: int) -> Term | None:
        if depth <= 0:
            return None
        sort = self.rules.sorts[name]
        ways = (self._substring, self._converted, self._concatenation, self._replacement) if sort == STRING else \
            (self._converted, self._sum) if sort == INT else ()
        for way in ways:
            found = way(name, rows, wanted, depth)
            if found is not None:
                return found
        return None

    def positions(self, name: str) -> Positions:
        """The positions of an integer bank."""
        if name not in self._positions:
            self._positions[name] = Positions(self.bank, name)
        return self._positions[name]

    def _substring(self, name: str, rows: Rows, wanted: tuple[str, ...], depth: int) -> Term | None:
        if "" in wanted:
            return None
        for rule in self.rules.simple(name, SUBSTR):
            strings, ints, lengths = rule.holes
            for source in self._holding(strings, rows, wanted):
                texts = [source.values[row] for row in rows]
                for start in self.positions(ints).sorted:
                    at = [start.values[row] for row in rows]
                    if not all(text.startswith(want, i) for text, want, i in zip(texts, wanted, at, strict=True)):
                        continue
                    to_end = [i + len(want) == len(text) for text, want, i in zip(texts, wanted, at, strict=True)]
                    length = self._at_least(lengths, rows, tuple(map(len, wanted)), to_end)
                    if length is None:
                        length = self.find(lengths, rows, tuple(map(len, wanted)), min(depth - 1, 1))
                    if length is not None:
                        return rule.filled((source.term(), start.term(), length))
        return None

    def _holding(self, name: str, rows: Rows, wanted: Sequence[str]) -> list[Entry]:
        """The cheapest strings of which the wanted ones are parts."""
        found = []
        first, value = rows[0], wanted[0]
        for entry in self.bank.known[name].values():
            if value in entry.values[first] and all(w in entry.values[r] for r, w in zip(rows, wanted, strict=True)):
                found.append(entry)
                if len(found) == MAX_SOURCES:
                    break
        return found

    def _at_least(self, name: str, rows: Rows, wanted: Sequence[int], more: Sequence[bool]) -> Term | None:
        """An integer that is the wanted one, or also a larger one on the rows where that does."""
        if not any(more):
            return None
        for number, entry in enumerate(self.bank.known[name].values()):
            if number == MAX_INTS:
                break
            if all(entry.values[r] == w or (free and entry.values[r] > w)
                   for r, w, free in zip(rows, wanted, more, strict=True)):
                return entry.term()
        return None

    def _concatenation(self, name: str, rows: Rows, wanted: tuple[str, ...], depth: int) -> Term | None:
        rules = self.rules.simple(name, "str.++")
        rule = next((rule for rule in rules if rule.holes == (name, name)), None)
        if rule is None:
            return None
        parts = self._parts(name, rows, wanted)
        cutters = [Cutter(self.positions(cut.holes[1]), cut, sources_of(self.bank, cut.holes[0]), rows)
                   for cut in self.rules.simple(name, SUBSTR) if cut.holes[1] == cut.holes[2]]
        begin, end = (0,) * len(rows), tuple(map(len, wanted))
        best: dict[tuple[int, ...], int] = {begin: 0}
        back: dict[tuple[int, ...], tuple[tuple[int, ...], Entry | Piece]] = {}
        queue, num_states = [(0, begin)], 0
        while queue and num_states < MAX_STATES:
            cost, at = heapq.heappop(queue)
            if at == end:
                return _joined(rule, back, end)
            if cost > best[at]:
                continue
            num_states += 1
            self.clock.look()
            steps: list[tuple[Ends, int, Entry | Piece]] = []
            steps += ((ends, part.cost, part) for part in parts if (ends := _ends(part, rows, wanted, at)) is not None)
            steps += ((piece.ends, piece.cost, piece) for cutter in cutters for piece in cutter.pieces(wanted, at))
            for ends, own, step in steps:
                if cost + own + rule.cost < best.get(ends, 1 << 30):
                    best[ends] = cost + own + rule.cost
                    back[ends] = (at, step)
                    heapq.heappush(queue, (best[ends], ends))
        return _joined(rule, back, end) if end in back else None

    def _parts(self, name: str, rows: Rows, wanted: Sequence[str]) -> list[Entry]:
        """Strings that occur in the wanted ones on every row, the cheapest."""
        found, first, text = [], rows[0], wanted[0]
        for entry in self.bank.known[name].values():
            if entry.values[first] in text and all(entry.values[r] in w for r, w in zip(rows, wanted, strict=True)):
                found.append(entry)
                if len(found) == MAX_PARTS:
                    break
        return found

    def _replacement(self, name: str, rows: Rows, wanted: tuple[str, ...], depth: int) -> Term | None:
        """`str.replace(s, old, new)`: what lies between the common ends of s and the wanted string is the new one."""
        for rule in self.rules.simple(name, "str.replace"):
            olds = list(itertools.islice(self.bank.known[rule.holes[1]].values(), MAX_STRINGS))
            for source in sources_of(self.bank, rule.holes[0]):
                texts = [source.values[row] for row in rows]
                for old in olds:
                    self.clock.look()
                    new = _between(texts, [old.values[row] for row in rows], wanted)
                    if new is None:
                        continue
                    touched = tuple(row for row, part in zip(rows, new, strict=True) if part is not None)
                    middle = tuple(part for part in new if part is not None)
                    if not touched:
                        return source.term()
                    term = self.find(rule.holes[2], touched, middle, depth - 1)
                    if term is not None:
                        return rule.filled((source.term(), old.term(), term))
        return None

    def _converted(self, name: str, rows: Rows, wanted: tuple[Any, ...], depth: int) -> Term | None:
        """A number as text or a text as a number, where the way back is exact."""
        op = "str.to_int" if self.rules.sorts[name] == INT else "str.from_int"
        if op == "str.to_int":
            inner: tuple[Any, ...] = tuple(map(str, wanted)) if min(wanted) >= 0 else ()
        else:
            exact = all(text.isascii() and text.isdigit() and len(text) < MAX_DIGITS and str(int(text)) == text
                        for text in wanted)
            inner = tuple(map(int, wanted)) if exact else ()
        for rule in self.rules.simple(name, op) if inner else ():
            found = self.find(rule.holes[0], rows, inner, depth - 1)
            if found is not None:
                return rule.filled((found,))
        return None

    def _sum(self, name: str, rows: Rows, wanted: tuple[int, ...], depth: int) -> Term | None:
        """The wanted number as a sum or difference of two that are at hand."""
        pluses = [rule for rule in self.rules.simple(name, "+") if rule.holes == (name, name)]
        minuses = [rule for rule in self.rules.simple(name, "-") if rule.holes == (name, name)]
        if not pluses and not minuses:
            return None
        entries = list(itertools.islice(self.bank.known[name].values(), MAX_INTS))
        at_rows: dict[tuple[int, ...], Entry] = {}
        for entry in entries:
            at_rows.setdefault(tuple(entry.values[row] for row in rows), entry)
        for values, entry in at_rows.items():
            rest = at_rows.get(tuple(w - v for w, v in zip(wanted, values, strict=True)))
            if pluses and rest is not None:
                return pluses[0].filled((entry.term(), rest.term()))
            more = at_rows.get(tuple(v - w for w, v in zip(wanted, values, strict=True)))
            if minuses and more is not None:
                return minuses[0].filled((entry.term(), more.term()))
        return None


def _ends(part: Entry, rows: Rows, wanted: Sequence[str], at: tuple[int, ...]) -> tuple[int, ...] | None:
    """Where the part ends if it is put there; None where it does not fit on some row."""
    ends = []
    for row, text, begin in zip(rows, wanted, at, strict=True):
        value = part.values[row]
        if not text.startswith(value, begin):
            return None
        ends.append(begin + len(value))
    found = tuple(ends)
    return found if found != at else None


def _joined(rule: Rule, back: Mapping[Ends, tuple[Ends, Entry | Piece]], at: Ends) -> Term | None:
    """The parts that lead there, joined from the right."""
    parts = []
    while at in back:
        at, step = back[at]
        parts.append(step.term())
    if not parts:
        return None
    whole = parts[0]  # the last part of the text
    for part in parts[1:]:
        whole = rule.filled((part, whole))
    return whole


def _between(texts: Sequence[str], olds: Sequence[str], wanted: Sequence[str]) -> list[str | None] | None:
    """The replacement on each row, None where the row has nothing to replace; None where no replacement does it."""
    found: list[str | None] = []
    for text, old, want in zip(texts, olds, wanted, strict=True):
        at = text.find(old)
        if at < 0:
            if text != want:
                return None
            found.append(None)
            continue
        length = len(want) - len(text) + len(old)
        if length < 0 or replace(text, old, want[at:at + length]) != want:
            return None
        found.append(want[at:at + length])
    return found
