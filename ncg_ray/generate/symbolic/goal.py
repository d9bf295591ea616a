"""`Goal`: what a program must give on the inputs at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ncg_ray import plain
from ncg_ray.generate.symbolic.kinds import ERROR, element, kind_of, outer
from ncg_ray.generate.symbolic.problem import Row

Holds = Callable[[Row, Any], bool]


class Goal:
    """Judges values, one for each row.

    Args:
        rows: inputs, with examples where there are some.
        holds: whether a result meets the clauses on an input; None where the task has none.
    """

    def __init__(self, rows: Sequence[Row], holds: Holds | None = None) -> None:
        self.rows, self.holds = rows, holds
        self.expected = [row.example.returns if row.example is not None and row.example.raises is None else ERROR
                         for row in rows]
        self.by_value = bool(rows) and all(row.example is not None and row.example.raises is None for row in rows)
        "Whether every input has an example that gives a value."
        shown = [value for value in self.expected if value is not ERROR]
        self.kind = kind_of(shown) if shown else ""
        self._fits: dict[str, bool] = {}

    def fits(self, kind: str) -> bool:
        """Whether values of this kind can be right."""
        if kind not in self._fits:
            self._fits[kind] = self._may_fit(kind)
        return self._fits[kind]

    def _may_fit(self, kind: str) -> bool:
        if outer(kind) == "iter":
            return False
        if not self.kind or "any" in (kind, self.kind) or kind == self.kind:
            return True
        numbers = ("int", "float", "bool")
        loose = any(row.example is not None and row.example.loose for row in self.rows)
        rows = ("list", "tuple")
        if kind in numbers and self.kind in numbers:
            return "bool" not in (kind, self.kind)
        return bool(element(kind)) and (outer(kind) == outer(self.kind) or (
            loose and outer(kind) in rows and outer(self.kind) in rows))

    def meets(self, number: int, value: Any) -> bool:
        """Whether the value is right on the row of that number."""
        row = self.rows[number]
        if row.example is not None:
            if row.example.raises is not None:
                return value is ERROR
            if value is ERROR or not plain.equal(row.example.returns, value, row.example.abs_tol, row.example.loose):
                return False
        if self.holds is None:
            return True
        return value is not ERROR and self.holds(row, value)

    def met(self, values: Sequence[Any]) -> bool:
        """Whether all values are right."""
        return all(self.meets(number, value) for number, value in enumerate(values))

    def mask(self, values: Sequence[Any]) -> int:
        """The rows on which the values are right, as bits."""
        return sum(1 << number for number, value in enumerate(values) if self.meets(number, value))

    @property
    def everything(self) -> int:
        """The mask of all rows."""
        return (1 << len(self.rows)) - 1
