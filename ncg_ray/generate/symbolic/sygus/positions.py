"""Positions in strings that the terms at hand can name, and the pieces of an output that they cut out of an input.

Source: Gulwani, "Automating String Processing in Spreadsheets Using Input-Output Examples", POPL 2011 (FlashFill).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from ncg_ray.generate.symbolic.sygus.bank import Bank, Entry
from ncg_ray.generate.symbolic.sygus.rules import Rule
from ncg_ray.generate.symbolic.sygus.semantics import indexof
from ncg_ray.generate.symbolic.sygus.terms import STRING, Term

MAX_POSITIONS = 300
NUM_ROUNDS, MAX_FROM = 3, 60
"A position may be found from another: rounds of this, and how many of the positions are gone on from."
MAX_SOURCES, MAX_MARKS = 6, 24
SUBSTR, MINUS, PLUS, INDEXOF = "str.substr", "-", "+", "str.indexof"


class Piece:
    """A part of every row's output: where it ends, what it costs, and how to write it."""

    __slots__ = ("cost", "ends", "length", "minus", "rule", "source", "start")

    def __init__(self, ends: tuple[int, ...], cost: int, rule: Rule, source: Entry, start: Entry, length: Entry,
                 minus: Rule | None) -> None:
        self.ends, self.cost, self.rule, self.source, self.start = ends, cost, rule, source, start
        self.length, self.minus = length, minus

    def term(self) -> Term:
        start, length = self.start.term(), self.length.term()
        if self.minus is not None:
            length = self.minus.filled((length, start))
        return self.rule.filled((self.source.term(), start, length))


class Positions:
    """Integer terms that are a position on every row, the cheapest first."""

    def __init__(self, bank: Bank, name: str) -> None:
        self.bank, self.name = bank, name
        self.most = max([len(value) for row in bank.rows for value in row.values() if isinstance(value, str)], default=0)
        self.entries: dict[tuple[int, ...], Entry] = {}
        for entry in bank.known[name].values():
            self._keep(entry)
            if len(self.entries) == MAX_POSITIONS:
                break
        self._search_on()
        self.sorted = sorted(self.entries.values(), key=lambda entry: entry.cost)
        self.minus = next((rule for rule in bank.rules.simple(name, MINUS) if rule.holes == (name, name)), None)

    def _keep(self, entry: Entry) -> bool:
        values = entry.values
        if values in self.entries or not all(0 <= value <= self.most + 1 for value in values):
            return False
        self.entries[values] = entry
        return True

    def _search_on(self) -> None:
        """Positions of marks that come after a position: the second blank, the third."""
        one = self.bank.known[self.name].get((1,) * len(self.bank.rows))
        plus = next((rule for rule in self.bank.rules.simple(self.name, PLUS) if rule.holes == (self.name, self.name)), None)
        froms = sorted(self.entries.values(), key=lambda entry: entry.cost)[:MAX_FROM]
        for _ in range(NUM_ROUNDS):
            fresh: list[Entry] = []
            for rule in self.bank.rules.simple(self.name, INDEXOF):
                strings = self.bank.known[rule.holes[0]].values()
                marks = [e for e in self.bank.known[rule.holes[1]].values() if e.cost == 1][:MAX_MARKS]
                for source in [e for e in strings if e.cost == 1 and not e.constant][:MAX_SOURCES]:
                    for mark in marks:
                        fresh += self._after(rule, source, mark, froms, one, plus)
            froms = sorted(fresh, key=lambda entry: entry.cost)[:MAX_FROM]
            if not froms:
                break

    def _after(self, rule: Rule, source: Entry, mark: Entry, froms: Sequence[Entry], one: Entry | None,
               plus: Rule | None) -> Iterator[Entry]:
        if mark is source or "" in mark.values:
            return
        for start in froms:
            self.bank.clock.look()
            values = tuple(map(indexof, source.values, mark.values, start.values))
            if -1 in values:
                continue
            entry = Entry(values, rule.cost + source.cost + mark.cost + start.cost, rule, (source, mark, start))
            if self._keep(entry):
                yield entry
            if one is not None and plus is not None:
                after = Entry(tuple(value + 1 for value in values), entry.cost + plus.cost + one.cost, plus, (entry, one))
                if self._keep(after):
                    yield after


class Cutter:
    """Cuts pieces out of source strings with `str.substr`, on some of the rows."""

    def __init__(self, positions: Positions, rule: Rule, sources: Sequence[Entry], rows: Sequence[int]) -> None:
        self.positions, self.rule, self.sources, self.rows = positions, rule, sources, rows
        self._by_value: dict[int, list[Entry]] = {}
        for entry in positions.sorted:
            self._by_value.setdefault(entry.values[rows[0]], []).append(entry)

    def pieces(self, outputs: Sequence[str], begins: tuple[int, ...]) -> list[Piece]:
        """The pieces that begin there on every row; for each end the cheapest."""
        found: dict[tuple[int, ...], Piece] = {}
        first, minus = self.rows[0], self.positions.minus
        if begins[0] == len(outputs[0]):
            return []
        for source in self.sources:
            texts = [source.values[row] for row in self.rows]
            head = outputs[0][begins[0]]
            at = texts[0].find(head)
            while at >= 0:
                for start in self._by_value.get(at, ()):
                    lengths = [_common(text, start.values[row], output, begin) for text, row, output, begin
                               in zip(texts, self.rows, outputs, begins, strict=True)]
                    if all(lengths):
                        to_end = [len(text) == start.values[row] + length
                                  for text, row, length in zip(texts, self.rows, lengths, strict=True)]
                        most = self.positions.most + 1 if to_end[0] else lengths[0]
                        self._with_start(found, source, start, begins, lengths, to_end, range(1, most + 1), None)
                        if minus is not None:
                            ends = range(start.values[first] + 1, start.values[first] + most + 1)
                            self._with_start(found, source, start, begins, lengths, to_end, ends, minus)
                at = texts[0].find(head, at + 1)
        return list(found.values())

    def _with_start(self, found: dict[tuple[int, ...], Piece], source: Entry, start: Entry, begins: Sequence[int],
                    lengths: Sequence[int], to_end: Sequence[bool], firsts: range, minus: Rule | None) -> None:
        offset = [start.values[row] if minus is not None else 0 for row in self.rows]
        base = self.rule.cost + source.cost + start.cost + (minus.cost + start.cost if minus is not None else 0)
        for value in firsts:
            for entry in self._by_value.get(value, ()):
                ends = []
                for row, less, begin, most, end in zip(self.rows, offset, begins, lengths, to_end, strict=True):
                    length = entry.values[row] - less
                    if length < 1 or (length > most and not end):
                        break
                    ends.append(begin + min(length, most))
                else:
                    key, cost = tuple(ends), base + entry.cost
                    if key not in found or cost < found[key].cost:
                        found[key] = Piece(key, cost, self.rule, source, start, entry, minus)


def _common(text: str, start: int, output: str, begin: int) -> int:
    """How many characters are the same from there on."""
    most = min(len(text) - start, len(output) - begin)
    for count in range(most):
        if text[start + count] != output[begin + count]:
            return count
    return max(most, 0)


def sources_of(bank: Bank, name: str) -> list[Entry]:
    """The string parameters and what is nearly as cheap."""
    varying = (entry for entry in bank.known[name].values() if not entry.constant)
    return list(itertools.islice(varying, MAX_SOURCES)) if bank.rules.sorts[name] == STRING else []
