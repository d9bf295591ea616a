"""All functions of a file: what to verify, and the report on it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ncg_ray import storage
from ncg_ray.errors import TaskError
from ncg_ray.types import Level, Verdict, shown
from ncg_ray.verify.answers import TOTAL
from ncg_ray.verify.portfolio import FunctionVerdict
from ncg_ray.verify.specification import MAX_SOURCE_BYTES, Clause, Specification, read_specifications


def split_target(target: str) -> tuple[str, str]:
    """`FILE[:FUNC]` as (file, function); a file whose name holds a colon is still a file."""
    path, colon, name = target.rpartition(":")
    if colon and path and not name.endswith(".py") and all(part.isidentifier() for part in name.split(".")):
        return path, name
    return target, ""


def choose(source: str, name: str, where: str, every: bool = False) -> list[Specification]:
    """The functions to verify: the one that is named, or all of the class that is named; else those with a contract, the
    methods of a class with invariants among them; else all that are public. With `every` simply all.

    Raises TaskError: the source does not parse, or has no such function.
    """
    try:
        known = read_specifications(source)
    except SyntaxError as error:
        line = f"line {error.lineno}: " if error.lineno else ""
        raise TaskError(
            f"{where}: {line}{error.msg}; only Python that parses can be verified, up to {MAX_SOURCE_BYTES} characters"
        ) from None
    if name:
        found = [spec for spec in known if spec.name == name or spec.name.rpartition(".")[0] == name]
        if not found:
            names = ", ".join(spec.name for spec in known[:20]) or "none"
            why = " (methods with two underscores are not verified by themselves)" if name.endswith("__") else ""
            raise TaskError(f"{where} has no function {name!r}{why}; it has: {names}")
        return found
    specified = [] if every else [spec for spec in known if spec.has_contract]
    public = [] if every else [s for s in known if not s.name.rpartition(".")[2].startswith("_")]
    return specified or public or known


def document(results: Sequence[FunctionVerdict]) -> dict[str, Any]:
    """What `ncg verify --json` prints."""
    return {"functions": [_function(result) for result in results]}


def _function(result: FunctionVerdict) -> dict[str, Any]:
    verdict = result.verdict
    made: dict[str, Any] = {
        "name": result.spec.name,
        "verdict": verdict.level.name,
        "engine": verdict.engine,
        "reason": str(verdict.reason) if verdict.reason else "",
        "elapsed_s": round(verdict.elapsed_s, 3),
        "line": result.line or result.spec.line,
        "detail": verdict.detail,
        "obligation": verdict.obligation,
        "raises": result.spec.raises if result.spec.names_exceptions else None,
        "requires": [c.expression for c in result.spec.requires],
        "ensures": [c.expression for c in result.spec.ensures],
        "cpu_s": {name: round(seconds, 3) for name, seconds in result.tried.items()},
        "outside": [{"construct": construct, "line": line} for construct, line in result.gaps],
    }
    if verdict.counterexample is not None:
        found = verdict.counterexample
        made["counterexample"] = {
            "args": _plain(found.args),
            "kwargs": _plain(found.kwargs),
            "got": found.got,
            "expected": found.expected,
            "call": _call(result),
        }
    if result.unused:
        made["unused_invariants"] = [{"invariant": text, "line": line} for text, line in result.unused]
    if verdict.bound:
        made["bound"] = verdict.bound
    if verdict.assumptions:
        made["assumptions"] = list(verdict.assumptions)
    if result.strength is not None:
        made["strength"] = result.strength
    if result.suggestions:
        made["suggestions"] = [{"ensures": text, "strength": strength} for text, strength in result.suggestions]
    if result.lead:
        made["lead"] = list(result.lead)
    return made


def _plain(value: Any) -> Any:
    """JSON's nearest value; what JSON does not have stands as Python source."""
    if value is None or isinstance(value, (bool, str)) or (isinstance(value, int) and abs(value) < 1 << 63):
        return value
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(item) for key, item in value.items()}
    return shown(value)


def _call(result: FunctionVerdict) -> str:
    return f"{result.spec.name.rpartition('.')[2]}({', '.join(result.arguments)})"


def compared(spec: Specification, verdict: Verdict) -> FunctionVerdict:
    """The comparison of two functions as a result to report."""
    args = verdict.counterexample.args if verdict.counterexample else ()
    return FunctionVerdict(replace(spec, ensures=[Clause("the same as the other file's", spec.line, "")]), verdict,
                           arguments=tuple(map(shown, args)))


def write_queries(folder: Path, result: FunctionVerdict) -> None:
    """Write the queries of one function: `NAME-001.smt2` as Z3 has it, and `NAME-001.core.smt2` through PySMT, with
    division lowered to products, where PySMT has all that it holds. Every one is UNSAT.

    Raises InputError where the folder cannot be written.
    """
    for number, (text, core) in enumerate(result.smt, 1):
        name = f"{result.spec.name}-{number:03}"
        head = f"; {result.spec.name}: {result.verdict.level.name}, step {number}; expected: unsat\n"
        storage.write_text(str(folder / f"{name}.smt2"), head + text)
        if core:
            storage.write_text(str(folder / f"{name}.core.smt2"), head + core)


def report(results: Sequence[FunctionVerdict], source: str, path: str) -> str:
    """What `ncg verify` prints for people."""
    lines = source.splitlines()
    return "\n\n".join(_paragraph(result, lines, path) for result in results)


def _paragraph(result: FunctionVerdict, lines: list[str], path: str) -> str:
    verdict, spec = result.verdict, result.spec
    text = [f"{verdict.level.name:<8} {spec.name}  ({path}:{spec.line}; {verdict.engine}, {verdict.elapsed_s:.1f} s)"]
    for clause in spec.requires:
        text.append(f"  requires  {clause.expression}")
    for clause in spec.ensures:
        text.append(f"  ensures   {clause.expression}")
    if spec.names_exceptions:
        text.append(f"  raises    {', '.join(spec.raises) or 'nothing'}")
    for invariant in kept_invariants(spec):
        text.append(f"  keeps     {invariant}")
    if not spec.has_contract:
        text.append("  ensures   (nothing is promised: checked for crashes on what the type hints allow)")
    if verdict.counterexample is not None:
        text += [
            f"  input     {_call(result)}",
            f"  expected  {verdict.counterexample.expected}",
            f"  got       {verdict.counterexample.got}",
        ]
        if 0 < result.line <= len(lines):
            text.append(f"  at        line {result.line}: {lines[result.line - 1].strip()}")
    elif verdict.detail or verdict.reason:
        text.append(f"  because   {': '.join(str(part) for part in (verdict.reason, verdict.detail) if part)}")
    if verdict.bound:
        text.append(f"  bound     {verdict.bound}")
    if verdict.assumptions:
        if TOTAL in verdict.assumptions:
            text.append("  for       all inputs, and it ends on each")
        text.append(f"  assuming  {'; '.join(a for a in verdict.assumptions if a != TOTAL)}")
    for invariant, line in result.unused:
        text.append(f"  not used  the invariant `{invariant}` of the loop in line {line}: it does not hold there, or was "
                    "not shown to")
    for construct, line in result.gaps[:3] if verdict.level is not Level.PROVED else ():
        text.append(f"  outside   {construct}" + (f" (line {line})" if line else ""))
    if result.strength is not None:
        text.append(f"  strength  the contract tells {result.strength:.0%} of the mutants that differ from the function")
    for suggestion, strength in result.suggestions:
        text.append(f"  suggested {suggestion}  (held on every run seen; tells {strength:.0%} of the mutants)")
    return "\n".join(text)


def kept_invariants(spec: Specification) -> list[str]:
    """The invariants of the class that a method belongs to."""
    kept = spec.classes.get(spec.name.rpartition(".")[0])
    return kept.invariants if kept else []


def hinted(code: str, name: str, signature: str) -> str:
    """A candidate's module with the type hints of the task's signature on its function, where it has none itself."""
    try:
        wanted = ast.parse(f"{signature.strip().rstrip(':')}: ...").body[0]
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return code
    node = next((n for n in reversed(tree.body) if isinstance(n, ast.FunctionDef) and n.name == name), None)
    if node is None or not isinstance(wanted, ast.FunctionDef):
        return code
    for mine, asked in zip(
        [*node.args.posonlyargs, *node.args.args], [*wanted.args.posonlyargs, *wanted.args.args], strict=False
    ):
        mine.annotation = asked.annotation or mine.annotation
    return ast.unparse(ast.fix_missing_locations(tree))
