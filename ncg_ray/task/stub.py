"""Python source that ends in the function to write: imports and helpers, then a signature and a docstring."""

from __future__ import annotations

import ast
import re

from ncg_ray.errors import TaskError
from ncg_ray.task.contracts import read_contracts
from ncg_ray.task.docstring import read_examples
from ncg_ray.task.signature import signature_of
from ncg_ray.task.values import parse_python, segment, source_lines
from ncg_ray.types import Task

_DEF = re.compile(r"^def\s+[^\W\d]\w*\s*\(", re.M)
_COMPLETIONS = ("", "\n    pass\n", ":\n    pass\n", '\n    """\n', "\n    '''\n", "\n\tpass\n")
"What may be missing at the end of a stub: nothing, a body, the colon, the end of the docstring."


def looks_like_stub(text: str) -> bool:
    """Whether `text` is Python source with a function at its top level, complete or as a stub."""
    return _DEF.search(text) is not None and _completed(text) is not None


def task_from_stub(prompt: str, entry_point: str = "", id: str = "task", where: str = "the stub") -> Task:
    """A task from a stub; `prompt` is kept as it stands, up to the end of the function to write.

    The function to write is `entry_point`; without it the last function with an empty body (a docstring, `pass`,
    `...` or `raise NotImplementedError`), or else the last function. What stands before it is context, asserts and
    test functions below it are tests, other definitions below it are context too.

    Raises TaskError where the source does not parse or holds no such function.
    """
    check_text(prompt, where)
    completed = _completed(prompt)
    if completed is None:
        raise TaskError(f"{where} is not a Python stub: {_syntax_error(prompt)}; give a `def` line and a docstring")
    source, tree = completed
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    node = _to_write(functions, entry_point)
    if node is None:
        names = ", ".join(f.name for f in functions) or "none"
        wanted = f"function {entry_point!r}" if entry_point else "function (`async def` and methods do not count)"
        raise TaskError(f"{where} has no {wanted} at its top level; it has: {names}")
    signature = signature_of(node)
    lines = [line + "\n" for line in source_lines(source)]
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
    context = "".join(lines[:first])
    following = tree.body[tree.body.index(node) + 1:]
    if following:
        definitions, tests = _below(source, following)
        context = "\n\n".join(part for part in (context.rstrip("\n"), definitions) if part) + "\n\n\n" * bool(definitions)
        prompt = (context if definitions else "".join(lines[:first])) + "".join(lines[first:node.end_lineno])
    else:
        tests = ""
    docstring = ast.get_docstring(node, clean=True) or ""
    known = known_names(context)
    examples = read_examples(docstring, signature, _raw_docstring(source, node))
    contracts = read_contracts(docstring, known | {p.name for p in signature.params})
    return Task(prompt, id, signature.text(), signature.name, examples=tuple(examples), contracts=tuple(contracts),
                tests=tests, context=context.strip("\n") + "\n" if context.strip() else "", docstring=docstring)


def check_text(text: str, where: str) -> None:
    """Raise TaskError for text that is empty, holds NUL characters or cannot be written as UTF-8."""
    if not text.strip():
        raise TaskError(f"{where} is empty; say what the function should do")
    if "\0" in text:
        raise TaskError(f"{where} holds a NUL character (at {text.index(chr(0))}); give plain text")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise TaskError(f"{where} is not valid Unicode (at {error.start}); give UTF-8 text") from None


def known_names(context: str) -> set[str]:
    """The names that the top level of `context` binds."""
    tree = parse_python(context)
    names: set[str] = set()
    for node in tree.body if tree else []:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        else:
            names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names


def _completed(prompt: str) -> tuple[str, ast.Module] | None:
    """The stub with what its end lacks, and its tree."""
    if "\0" in prompt:
        return None
    for ending in _COMPLETIONS:
        source = prompt if not ending else prompt.rstrip() + ending
        tree = parse_python(source)
        if tree is not None:
            return source, tree
    return None


def _to_write(functions: list[ast.FunctionDef], entry_point: str) -> ast.FunctionDef | None:
    if entry_point:
        functions = [f for f in functions if f.name == entry_point]
    empty = [f for f in functions if all(_does_nothing(statement) for statement in f.body)]
    return (empty or functions or [None])[-1]


def _does_nothing(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
            return True
    return False


def _below(source: str, nodes: list[ast.stmt]) -> tuple[str, str]:
    """Definitions and tests below the function; calls and `if __name__` guards are no part of a task."""
    definitions, tests = [], []
    for node in nodes:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
        text = "\n".join(source_lines(source)[first:node.end_lineno])
        name = getattr(node, "name", "")
        is_test = isinstance(node, ast.FunctionDef) and (name.startswith("test") or name == "check")
        if is_test or isinstance(node, ast.Assert):
            tests.append(text)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign,
                               ast.Import, ast.ImportFrom)):
            definitions.append(text)
    return "\n\n".join(definitions), "\n".join(tests)


def _raw_docstring(source: str, node: ast.FunctionDef) -> str:
    """The docstring as it stands between its quotes; empty for raw, joined or absent ones."""
    first = node.body[0]
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)):
        return ""
    text = segment(source_lines(source), first.value)
    for quote in ('"""', "'''", '"', "'"):
        if text.startswith(quote) and text.endswith(quote) and len(text) >= 2 * len(quote):
            return text[len(quote):-len(quote)]
    return ""


def _syntax_error(source: str) -> str:
    try:
        ast.parse(source)
    except SyntaxError as error:
        return f"{error.msg} (line {error.lineno})"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return "no function in it"
