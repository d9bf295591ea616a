"""Python modules as text: what they define, what they lack, and how to make one that runs alone."""

from __future__ import annotations

import ast
import builtins
import sys


def parse(code: str) -> ast.Module | None:
    """The syntax tree, or None for anything that CPython's parser refuses (also too deep, or with NUL bytes)."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def parses(code: str) -> bool:
    return parse(code) is not None


def defined_functions(code: str) -> list[str]:
    """Names of the functions at the top level, in order; empty where the code does not parse."""
    tree = parse(code)
    return [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)] if tree else []


def complete_module(code: str, context: str, entry_point: str, signature: str = "") -> str:
    """Make a module that runs alone: the task's context, then the candidate without its demonstrations.

    `context` (imports and helpers of the task) is put in front, less what the candidate defines itself. A reply that
    is a bare function body gets the signature. Top-level prints, asserts and calls of the function itself, and an
    `if __name__ == "__main__"` block, are dropped: an answer defines, it does not demonstrate. Calls that prepare
    something (`sys.setrecursionlimit(...)`, `build_table()`) stay.
    """
    if signature and entry_point and entry_point not in _bindings(parse(code) or ast.Module([], [])):
        as_body = f"{signature}:\n" + "\n".join("    " + line.strip("\n") if not line.startswith((" ", "\t")) else line
                                                for line in code.rstrip().split("\n")) + "\n"
        if not defined_functions(code) and parses(as_body):
            code = as_body
    tree = parse(code)
    if tree is not None:
        code = _without(code, tree, _demonstrations(tree, entry_point))
        tree = parse(code)
    if context.strip():
        own = _bindings(tree) if tree else set()
        head = _missing_part(context, own)
        code = f"{head.rstrip()}\n\n\n{code.lstrip()}" if head.strip() else code
    return code.rstrip() + "\n"


_SHOWING = frozenset("print pprint input help exit quit main testmod run_docstring_examples".split())


def _demonstrations(tree: ast.Module, entry_point: str) -> list[ast.stmt]:
    """The statements that show or test the functions, by themselves or by what they call."""
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    shown = {entry_point or next(reversed(functions), "")}

    def shows(node: ast.AST, seen: frozenset[str]) -> bool:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Assert):
                return True
            called = getattr(inner.func, "id", getattr(inner.func, "attr", "")) if isinstance(inner, ast.Call) else ""
            if called in _SHOWING or called in shown:
                return True
            if called in functions and called not in seen and shows(functions[called], seen | {called}):
                return True
        return False

    def is_one(node: ast.stmt) -> bool:
        if isinstance(node, ast.Expr):
            return not isinstance(node.value, ast.Constant | ast.Call | ast.Await) or shows(node, frozenset())
        return isinstance(node, ast.Assert) or (isinstance(node, ast.If) and any(
            isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(node.test)))

    return [node for node in tree.body if is_one(node)]


def _without(code: str, tree: ast.Module, nodes: list[ast.stmt]) -> str:
    """The code less these statements of `tree`; one that shares a line with a statement that stays, stays too."""
    needed = {line for node in tree.body if node not in nodes for line in _lines(node)}
    drop = {line for node in nodes if needed.isdisjoint(_lines(node)) for line in _lines(node)}
    kept = "\n".join(line for i, line in enumerate(code.split("\n"), 1) if i not in drop).rstrip() + "\n"
    return kept if drop and parses(kept) else code


def _lines(node: ast.stmt) -> range:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return range(first, (node.end_lineno or node.lineno) + 1)


def _bindings(tree: ast.Module) -> set[str]:
    """Names that the module binds at its top level."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(a.asname or a.name).split(".")[0] for a in node.names}
        elif isinstance(node, ast.Assign):
            names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    return names


def _missing_part(context: str, own: set[str]) -> str:
    """The statements of the context that bind something which the candidate does not bind itself."""
    tree = parse(context)
    if tree is None:
        return context
    redundant = [n for n in tree.body if (names := _bindings(ast.Module([n], []))) and names <= own]
    kept = [n for n in tree.body if n not in redundant]
    # What stays may need it while it loads (hints, decorators), before the candidate's own comes.
    used = {n.id for statement in kept for n in ast.walk(statement) if isinstance(n, ast.Name)}
    redundant = [n for n in redundant if used.isdisjoint(_bindings(ast.Module([n], [])))]
    return _without(context, tree, redundant)


_TYPING = frozenset("Any Callable Dict FrozenSet Generator Iterable Iterator List Mapping Optional Sequence Set Tuple "
                    "Type TypeVar Union".split())
_FROM = {name: "typing" for name in _TYPING} | {
    "Counter": "collections", "defaultdict": "collections", "deque": "collections", "OrderedDict": "collections",
    "namedtuple": "collections", "reduce": "functools", "lru_cache": "functools", "cmp_to_key": "functools",
    "permutations": "itertools", "combinations": "itertools", "product": "itertools", "groupby": "itertools",
    "accumulate": "itertools", "chain": "itertools", "zip_longest": "itertools", "islice": "itertools",
    "heappush": "heapq", "heappop": "heapq", "heapify": "heapq", "nlargest": "heapq", "nsmallest": "heapq",
    "bisect_left": "bisect", "bisect_right": "bisect", "sqrt": "math", "gcd": "math", "ceil": "math", "floor": "math",
    "factorial": "math", "Fraction": "fractions", "Decimal": "decimal", "datetime": "datetime", "dataclass": "dataclasses",
    "itemgetter": "operator"}
_MODULES = frozenset("bisect cmath collections copy datetime decimal fractions functools hashlib heapq itertools json "
                     "math operator random re statistics string sys textwrap time typing unicodedata".split())


def add_imports(code: str) -> str:
    """Add the imports of the standard library that the code uses and forgets, such as `math` or `List`.

    Only for names that nothing in the module binds; code that does not parse comes back as it is.
    """
    tree = parse(code)
    if tree is None:
        return code
    bound = set(dir(builtins))
    used: dict[str, bool] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                used.setdefault(node.id, False)
            else:
                bound.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used[node.value.id] = True  # a dotted use: the module, rather than the function of that name
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(a.asname or a.name).split(".")[0] for a in node.names}
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    lines = []
    for name in sorted(set(used) - bound):
        if used[name] and name in _MODULES and name in sys.stdlib_module_names:
            lines.append(f"import {name}")
        elif not used[name] and name in _FROM:
            lines.append(f"from {_FROM[name]} import {name}")
    if not lines:
        return code
    future = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    at = max((n.end_lineno or n.lineno for n in future), default=0)
    rows = code.split("\n")
    return "\n".join([*rows[:at], *lines, *([""] if not code.startswith(("import", "from")) else []), *rows[at:]])
