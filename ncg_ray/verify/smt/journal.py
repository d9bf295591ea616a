"""What a proof rests on: every query that Z3 answered with UNSAT, to be written down or to be asked of a second solver."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from typing import Any

import z3

MAX_TEXTS = 200
SECOND_S = 2.0
"Wall seconds for the second solver on one query."


class Disagreement(Exception):
    """The second solver finds a model where the first said that there is none."""


class Journal:
    """Told of each UNSAT answer."""

    def __init__(self, confirm: bool = False, dump: bool = False) -> None:
        self.confirm, self.dump = confirm, dump
        self.texts: list[str] = []
        self.confirmed = self.open = 0
        self._seen: set[str] = set()

    def unsat(self, facts: Sequence[Any]) -> None:
        """Raises Disagreement."""
        if not (self.confirm or self.dump):
            return
        text = smt2(facts)
        if text in self._seen:
            return
        self._seen.add(text)
        if self.dump and len(self.texts) < MAX_TEXTS:
            self.texts.append(text)
        if self.confirm:
            answer = second_opinion(text)
            if answer == "sat":
                raise Disagreement
            if answer == "unsat":
                self.confirmed += 1
            else:
                self.open += 1

    @property
    def summary(self) -> str:
        return f"cvc5 confirmed {self.confirmed} of {self.confirmed + self.open} steps, and contradicted none"


def smt2(facts: Sequence[Any]) -> str:
    """The query as SMT-LIB 2 text."""
    solver = z3.Solver()
    solver.add(*facts)
    return str(solver.to_smt2())


def second_opinion(text: str, seconds: float = SECOND_S) -> str:
    """`sat`, `unsat` or `unknown` from cvc5; also `unknown` where it does not take the query."""
    import cvc5

    solver = cvc5.Solver()
    solver.setOption("tlimit-per", str(int(seconds * 1000)))
    solver.setLogic("ALL")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "query")
    symbols, answer = parser.getSymbolManager(), "unknown"
    try:
        while True:
            command = parser.nextCommand()
            if command.isNull():
                return answer
            said = str(command.invoke(solver, symbols)).strip()
            if said in ("sat", "unsat", "unknown"):
                answer = said
            elif said.startswith("(error"):
                return "unknown"
    except RuntimeError:
        return "unknown"


def core(text: str) -> str:
    """The query once more, as PySMT writes it, with division and remainder lowered to products; empty where it holds what
    PySMT does not have (floats, quantifiers over functions).
    """
    import warnings

    from pysmt.exceptions import PysmtException
    from pysmt.smtlib.parser import SmtLibParser
    from pysmt.smtlib.script import smtlibscript_from_formula

    facts = lowered(z3.parse_smt2_string(text))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            script = SmtLibParser().get_script(io.StringIO(smt2(facts).replace("(check-sat)", "")))
            formula = script.get_last_formula()
            out = io.StringIO()
            smtlibscript_from_formula(formula).serialize(out, daggify=True)
    except (PysmtException, AssertionError, NotImplementedError, TypeError, ValueError, KeyError, RecursionError):
        return ""
    return out.getvalue()


def lowered(facts: Sequence[Any]) -> list[Any]:
    """The same facts, where a quotient or rest by a divisor that is not zero is a new name with its definition.

    SMT-LIB's `div` and `mod`: a = b * q + r with 0 <= r < |b|. A divisor that may be zero keeps any value there, as the
    standard says.
    """
    numbers, known, extra = itertools.count(1), {}, []

    def divided(a: Any, b: Any) -> tuple[Any, Any]:
        key = (a.get_id(), b.get_id())
        if key not in known:
            number = next(numbers)
            q, r = z3.Int(f"quotient!{number}"), z3.Int(f"rest!{number}")
            extra.append(z3.Implies(b != 0, z3.And(a == b * q + r, r >= 0, r < z3.If(b < 0, -b, b))))
            known[key] = q, r, a, b  # the terms stay alive, so that their ids stay theirs
        return known[key][:2]

    def rewrite(term: Any) -> Any:
        if not z3.is_app(term) or not term.num_args():
            return term
        args = [rewrite(arg) for arg in term.children()]
        kind = term.decl().kind()
        if kind in (z3.Z3_OP_IDIV, z3.Z3_OP_MOD):
            return divided(*args)[kind == z3.Z3_OP_MOD]
        return (
            term.decl()(*args)
            if kind not in (z3.Z3_OP_AND, z3.Z3_OP_OR)
            else (z3.And(*args) if kind == z3.Z3_OP_AND else z3.Or(*args))
        )

    return [rewrite(fact) for fact in facts] + extra
