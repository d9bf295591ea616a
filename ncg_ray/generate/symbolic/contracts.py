"""Contracts over whole numbers and strings as a SyGuS problem, whose answer meets them on all inputs and not only on those
at hand.

Covers: parameters and a result that are hinted `int`, `bool` or `str`; `+ - *`, `//` and `%` by a positive constant,
comparisons, membership in a display or a string, `and or not`, conditional expressions, `abs min max len old`,
`startswith endswith`, `any` and `all` over a display. Does not cover: anything else; a task with an `ensures` that says
more has no such problem.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from ncg_ray.errors import TaskError
from ncg_ray.generate.symbolic.interpret import Clauses
from ncg_ray.generate.symbolic.problem import Problem, Row
from ncg_ray.generate.symbolic.sygus import solve
from ncg_ray.generate.symbolic.write import function

SORTS = {"int": "Int", "bool": "Bool", "str": "String"}
FUNCTION = "f"
MAX_NUMBER = 10**100
"Larger constants are for the verifier alone."
Typed = tuple[str, str]
"SMT-LIB text and its sort."
_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_DIVISION = {ast.FloorDiv: "div", ast.Mod: "mod"}
"Python rounds down and SMT-LIB leaves no negative remainder: the same for a positive divisor."
_ENDS = {"startswith": "str.prefixof", "endswith": "str.suffixof"}
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
PARTIAL = "; more than the user asked for\n"
"Begins the text of a problem without some of `requires`, or with clauses that were made up: no contradiction counts."
_ORDER = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


class _Untranslatable(Exception):
    """A construct that is not covered."""


def solved(problem: Problem, text: str, budget_s: float) -> str:
    """The function's source; empty where nothing is found in so many CPU seconds. `text`: of `sygus_text`.

    Raises TaskError where it is shown that no function meets the clauses.
    """
    answer = solve(text, budget_s)
    if answer.status == "contradictory" and not text.startswith(PARTIAL):
        raise TaskError("the clauses of `ensures`, with the examples, contradict each other: no result meets all of them; "
                        "change one, or limit the inputs by `requires`")
    made, *helpers = ast.parse(answer.python).body[::-1] or [None]
    if answer.status != "solved" or not isinstance(made, ast.FunctionDef) or helpers:
        return ""  # one that needs a copy of SMT-LIB's substr or the like is not what a person would write
    own = {argument.arg: name for argument, name in zip(made.args.args, problem.names, strict=True)}
    return function(problem.signature, _Readable(own).visit(made).body, "")


def sygus_text(problem: Problem, requires: Clauses, ensures: Clauses, is_assumed: bool = False) -> str:
    """The problem in SyGuS-IF 2; empty where it does not translate. A `requires` that does not is left out: what holds
    without it holds with it. `is_assumed`: a model made up some clause, so that a contradiction is nobody's fault."""
    sorts = [SORTS.get(hint, "") for hint in (*problem.hints, problem.returns)]
    if not ensures.trees or ensures.left_out or not problem.hints or not all(sorts):
        return ""
    names = {name: (f"p{i}", sort) for i, (name, sort) in enumerate(zip(problem.names, sorts, strict=False))}
    call = f"({FUNCTION} {' '.join(name for name, _ in names.values())})"
    inside = _Clause({**names, "result": (call, sorts[-1])})
    assumed, is_partial = [], bool(requires.left_out) or is_assumed
    for tree in requires.trees:
        try:
            assumed.append(_Clause(names).truth(tree))
        except _Untranslatable:
            is_partial = True
    try:
        wanted = [inside.truth(tree) for tree in ensures.trees]
        shown = [_shown(row, names, (call, sorts[-1])) for row in problem.rows if row.example is not None]
    except _Untranslatable:
        return ""
    pairs = " ".join(f"({name} {sort})" for name, sort in names.values())
    declared = "\n".join(f"(declare-var {name} {sort})" for name, sort in names.values())
    stated = "\n".join(f"(constraint (=> (and true {' '.join(assumed)}) {clause}))" for clause in [*wanted, *shown])
    logic = "SLIA" if "String" in sorts else "LIA"
    note = PARTIAL if is_partial else ""
    return (f"{note}(set-logic {logic})\n"
            f"(synth-fun {FUNCTION} ({pairs}) {sorts[-1]})\n{declared}\n{stated}\n(check-synth)\n")


def _shown(row: Row, names: Mapping[str, Typed], result: Typed) -> str:
    """An example as a clause."""
    assert row.example is not None
    if row.example.raises is not None:
        raise _Untranslatable("a result that is an exception")
    given = [f"(= {name} {_constant(row.values[key], of)})" for key, (name, of) in names.items()]
    return f"(=> (and true {' '.join(given)}) (= {result[0]} {_constant(row.example.returns, result[1])}))"


def _constant(value: object, sort: str) -> str:
    if type(value) is bool and sort == "Bool":
        return str(value).lower()
    if type(value) is int and sort == "Int" and abs(value) < MAX_NUMBER:
        return str(value) if value >= 0 else f"(- {-value})"
    if type(value) is str and sort == "String" and value.isascii() and value.isprintable() and "\\" not in value:
        return '"' + value.replace('"', '""') + '"'
    raise _Untranslatable(f"{value!r} as {sort}")


class _Readable(ast.NodeTransformer):
    """Gives parameters their names, and writes `a > b` for `not a <= b`: whole numbers have no NaN."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(left=left, ops=[op], comparators=[right])):
                return ast.Compare(left, [_OPPOSITE[type(op)]()], [right])
        return node


class _Clause:
    """Translates expressions over names that stand for SMT-LIB texts."""

    def __init__(self, names: Mapping[str, Typed]) -> None:
        self.names = names

    def truth(self, tree: ast.expr) -> str:
        """A text of sort Bool. Raises _Untranslatable."""
        return self._of(tree, "Bool")

    def _of(self, tree: ast.expr, sort: str) -> str:
        text, own = self._typed(tree)
        if own != sort:
            raise _Untranslatable(f"{ast.unparse(tree)} is no {sort}")
        return text

    def _typed(self, tree: ast.expr) -> Typed:
        match tree:
            case ast.Constant(value=bool() as value):
                return _constant(value, "Bool"), "Bool"
            case ast.Constant(value=int() as value):
                return _constant(value, "Int"), "Int"
            case ast.Constant(value=str() as value):
                return _constant(value, "String"), "String"
            case ast.Name(id=name) if name in self.names:
                return self.names[name]
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"(not {self.truth(operand)})", "Bool"
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"(- 0 {self._of(operand, 'Int')})", "Int"
            case ast.BoolOp(op=op, values=values):
                return f"({'and' if isinstance(op, ast.And) else 'or'} {' '.join(map(self.truth, values))})", "Bool"
            case ast.BinOp(left=left, op=ast.Add(), right=right) if self._typed(left)[1] == "String":
                return f"(str.++ {self._of(left, 'String')} {self._of(right, 'String')})", "String"
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return f"({_ARITHMETIC[type(op)]} {self._of(left, 'Int')} {self._of(right, 'Int')})", "Int"
            case ast.BinOp(left=left, op=op, right=ast.Constant(value=int() as by)) if type(op) in _DIVISION and by > 0:
                return f"({_DIVISION[type(op)]} {self._of(left, 'Int')} {int(by)})", "Int"
            case ast.IfExp(test=test, body=yes, orelse=no):
                text, sort = self._typed(yes)
                return f"(ite {self.truth(test)} {text} {self._of(no, sort)})", sort
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [left, *others]
                pairs = [self._compared(a, op, b) for a, op, b in zip(sides, ops, others, strict=False)]
                return f"(and true {' '.join(pairs)})", "Bool"
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(name, args)
            case ast.Call(func=ast.Attribute(value=whole, attr=name), args=[part], keywords=[]) if name in _ENDS:
                return f"({_ENDS[name]} {self._of(part, 'String')} {self._of(whole, 'String')})", "Bool"
        raise _Untranslatable(ast.unparse(tree))

    def _compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> str:
        if isinstance(op, (ast.In, ast.NotIn)):
            inside = self._inside(left, right)
            return inside if isinstance(op, ast.In) else f"(not {inside})"
        if type(op) in _ORDER:
            return f"({_ORDER[type(op)]} {self._of(left, 'Int')} {self._of(right, 'Int')})"  # of strings cvc5 knows little
        if isinstance(op, (ast.Eq, ast.NotEq)):
            text, sort = self._typed(left)
            equal = f"(= {text} {self._of(right, sort)})"
            return equal if isinstance(op, ast.Eq) else f"(not {equal})"
        raise _Untranslatable(ast.unparse(right))

    def _inside(self, left: ast.expr, right: ast.expr) -> str:
        if isinstance(right, (ast.Tuple, ast.List, ast.Set)):
            return f"(or false {' '.join(self._compared(left, ast.Eq(), item) for item in _items(right))})"
        return f"(str.contains {self._of(right, 'String')} {self._of(left, 'String')})"

    def _call(self, name: str, args: Sequence[ast.expr]) -> Typed:
        if name in ("any", "all") and len(args) == 1:
            return f"({'or false' if name == 'any' else 'and true'} {' '.join(self._unrolled(args[0], 'Bool'))})", "Bool"
        if name in ("min", "max") and args:
            numbers = [self._of(a, "Int") for a in args] if len(args) > 1 else self._unrolled(args[0], "Int")
            return _extreme("<=" if name == "min" else ">=", numbers), "Int"
        if name == "abs" and len(args) == 1:
            text = self._of(args[0], "Int")
            return f"(ite (>= {text} 0) {text} (- 0 {text}))", "Int"
        if name == "len" and len(args) == 1:
            return f"(str.len {self._of(args[0], 'String')})", "Int"
        if name == "old" and len(args) == 1:
            return self._typed(args[0])
        raise _Untranslatable(name)

    def _unrolled(self, tree: ast.expr, sort: str) -> list[str]:
        """The items of a display, or of a comprehension over one."""
        match tree:
            case (ast.GeneratorExp(elt=item, generators=[one]) | ast.ListComp(elt=item, generators=[one])) if (
                    isinstance(one.target, ast.Name) and not one.ifs):
                typed = (self._typed(value) for value in _items(one.iter))
                return [_Clause({**self.names, one.target.id: value})._of(item, sort) for value in typed]
        return [self._of(item, sort) for item in _items(tree)]


def _items(tree: ast.expr) -> list[ast.expr]:
    if isinstance(tree, (ast.Tuple, ast.List, ast.Set)) and not any(isinstance(e, ast.Starred) for e in tree.elts):
        return tree.elts
    raise _Untranslatable(ast.unparse(tree))


def _extreme(order: str, numbers: Sequence[str]) -> str:
    if not numbers:
        raise _Untranslatable("no number")
    best = numbers[0]
    for number in numbers[1:]:
        best = f"(ite ({order} {best} {number}) {best} {number})"
    return best
