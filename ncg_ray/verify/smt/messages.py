"""What is asked of the solver's process, and what it answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ncg_ray.verify.answers import TOTAL
from ncg_ray.verify.smt.journal import Journal

ASSUMPTIONS = (
    TOTAL,
    "arguments of exactly the hinted builtin types",
    "no aliased arguments",
    "no MemoryError, RecursionError, or OverflowError from a size beyond the machine's word",
)


AS_CONSTRUCTED = "objects as their constructors make them"
"Where a class may have other objects: its methods, subclasses or users change what the constructor left."


@dataclass
class Request:
    """What to verify."""

    source: str
    name: str
    "`function` or `Class.method`."
    requires: list[str] = field(default_factory=list)
    ensures: list[str] = field(default_factory=list)
    "Over the arguments, `result` and `old(x)`."
    raises: list[str] = field(default_factory=list)
    "Names of exceptions that the function may raise."
    classes: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    "Of each class `requires`, those of its constructor, and `invariants`, over `self`."
    budget_s: float = 5.0
    "CPU seconds."
    hints: list[str] = field(default_factory=list)
    "Loop invariants that somebody else proposes; tried, never trusted."
    prove: bool = True
    confirm: bool = False
    "Whether cvc5 is asked about every UNSAT."
    dump: bool = False
    "Whether the answer holds every UNSAT query as SMT-LIB 2 text."
    journal: Journal = field(default_factory=Journal, init=False, repr=False)


@dataclass
class Answer:
    """What was found out."""

    level: str
    "PROVED, BOUNDED, UNKNOWN, or CANDIDATE: an input that is worth replaying."
    reason: str = ""
    detail: str = ""
    bound: str = ""
    args: list[str] = field(default_factory=list)
    "The input as Python expressions, in the order of the parameters."
    failure: str = ""
    line: int = 0
    assumptions: list[str] = field(default_factory=list)
    gaps: list[tuple[str, int]] = field(default_factory=list)
    "Constructs outside the fragment, with their lines."
    leads: list[list[str]] = field(default_factory=list)
    "Inputs on which a proof failed; some of them break the contract."
    unused: list[tuple[str, int]] = field(default_factory=list)
    "Invariants that the user wrote and the proof does not rest on, since they do not hold at their loop, with its line."
    elapsed_s: float = 0.0
    smt: list[str] = field(default_factory=list)
    "The queries that the verdict rests on."
    cores: list[str] = field(default_factory=list)
    "The same through PySMT; empty where it does not have what the query holds."

    def document(self) -> dict[str, Any]:
        return asdict(self)


def narrowed(proof: Answer, search: Any) -> Answer:
    """A proof, no more than bounded where the search did not try all objects of some class."""
    if search.narrowed:
        proof.level, proof.bound, proof.assumptions = "BOUNDED", AS_CONSTRUCTED, []
    return proof
