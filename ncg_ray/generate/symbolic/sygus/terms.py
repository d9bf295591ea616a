"""`Term`: an expression over SMT-LIB's operators. Immutable, with its hash at hand, so that shared parts cost once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ncg_ray.generate.symbolic.sygus.sexpr import quoted

INT, BOOL, STRING = "Int", "Bool", "String"
SORTS = (INT, BOOL, STRING)
Value = int | bool | str

VARIABLE, CONSTANT, NONTERMINAL = "?variable", "?constant", "?nonterminal"
"What `op` says of a leaf; no symbol of SMT-LIB begins with a question mark here."


class Term:
    """A leaf, or an operator with arguments.

    Args:
        op: an operator, or VARIABLE, CONSTANT, NONTERMINAL.
        args: empty for a leaf.
        sort: `Int`, `Bool` or `String`.
        value: the name of a variable or nonterminal, the value of a constant.
    """

    __slots__ = ("_hash", "args", "op", "sort", "value")

    def __init__(self, op: str, args: tuple[Term, ...], sort: str, value: Value | None = None) -> None:
        self.op, self.args, self.sort, self.value = op, args, sort, value
        self._hash = hash((op, args, sort, value))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return (isinstance(other, Term) and self._hash == other._hash and self.op == other.op and self.sort == other.sort
                and self.value == other.value and self.args == other.args)

    def __str__(self) -> str:
        if self.op == CONSTANT:
            return literal(self.value)
        if not self.args:
            return str(self.value) if self.op in (VARIABLE, NONTERMINAL) else self.op
        return f"({self.op} {' '.join(map(str, self.args))})"

    __repr__ = __str__

    def size(self) -> int:
        """Number of nodes, shared ones counted each time."""
        sizes: dict[Term, int] = {}
        for term in postorder(self):
            sizes[term] = 1 + sum(sizes[arg] for arg in term.args)
        return sizes[self]


def variable(name: str, sort: str) -> Term:
    return Term(VARIABLE, (), sort, name)


def constant(value: Value) -> Term:
    sort = BOOL if isinstance(value, bool) else INT if isinstance(value, int) else STRING
    return Term(CONSTANT, (), sort, value)


def literal(value: Value | None) -> str:
    """A value as SMT-LIB writes it: `(- 1)` for a negative number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value >= 0 else f"(- {-value})"
    return quoted(str(value))


def postorder(term: Term) -> Iterator[Term]:
    """Every different part once, arguments before what they are in."""
    seen: set[Term] = set()
    stack: list[tuple[Term, bool]] = [(term, False)]
    while stack:
        part, ready = stack.pop()
        if ready:
            yield part
        elif part not in seen:
            seen.add(part)
            stack.append((part, True))
            stack.extend((arg, False) for arg in reversed(part.args))


def rebuilt(term: Term, replace: Callable[[Term], Term | None]) -> Term:
    """The term with parts replaced, the innermost first; `replace` gives None for what stays."""
    done: dict[Term, Term] = {}
    for part in postorder(term):
        args = tuple(done[arg] for arg in part.args)
        same = all(new is old for new, old in zip(args, part.args, strict=True))
        fresh = part if same else Term(part.op, args, part.sort, part.value)
        replaced = replace(fresh)
        done[part] = fresh if replaced is None else replaced
    return done[term]


def substituted(term: Term, values: Mapping[str, Term]) -> Term:
    """The term with variables replaced by name."""
    return rebuilt(term, lambda part: values.get(str(part.value)) if part.op == VARIABLE else None)
