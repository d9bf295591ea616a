"""Two searches for counterexamples that others wrote: Hypothesis (random, shrinking) and CrossHair (concolic).

Both run the code under verification, so they run in the sandbox; and as that code could make them print anything, what
they find is only a lead, until it is replayed.

Source: MacIver and Hatfield-Dodds 2019 (Hypothesis); Schanely, CrossHair, https://github.com/pschanely/CrossHair.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
import sysconfig
import warnings
from collections.abc import Sequence
from pathlib import Path

from ncg_ray.protocols import Environment, Executor, Limits, ModuleJob, ModuleReport
from ncg_ray.types import OutcomeKind
from ncg_ray.verify.decorators import enforces, library_names
from ncg_ray.verify.replay import PATCH, find_node, replay_module
from ncg_ray.verify.specification import Specification

MEMORY_BYTES = 2 << 30
START_UP_S = 0.8
"Seconds before such a search begins to search."
MAX_LEADS = 5
CALLING = re.compile(
    r"when calling (?P<call>.*?)(?: with (?P<patch>crosshair\.patch_to_return\(\{.*?\}\)))?"
    r"(?: \(which (?:returns|raises) .*)?$",
    re.S,
)
PATCH_ITEM = re.compile(r"((?:random|time)\.[\w.]+): (\[[^\[\]]*\])(?:, )?")

HYPOTHESIS = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
from hypothesis import HealthCheck, Phase, given, settings, strategies as st, assume, seed
import subject
hints, bounds, seconds = json.loads(sys.argv[1])
end = time.monotonic() + seconds
scope = dict(vars(__import__("typing"))) | vars(subject)

class Found(Exception):
    pass

def strategy(hint, low, high, least, most):
    kind = eval(hint, scope)
    if kind is int:
        return st.integers(low, high)
    if kind is float and (low is not None or high is not None):
        return st.floats(low, high)
    if kind is str:
        return st.text(min_size=least, max_size=most)
    origin, args = getattr(kind, "__origin__", kind), getattr(kind, "__args__", ())
    if origin in (list, set, frozenset) and (least or most is not None):
        element = st.from_type(args[0]) if args else st.integers()
        make = {{list: st.lists, set: st.sets, frozenset: st.frozensets}}[origin]
        return make(element, min_size=least, max_size=most)
    return st.from_type(kind)

arguments = st.tuples(*(strategy(hint, *bound) for hint, bound in zip(hints, bounds)))
last = []

@seed(0)
@settings(max_examples=100000, deadline=None, database=None, suppress_health_check=list(HealthCheck),
          phases=[Phase.generate, Phase.shrink])
@given(arguments)
def search(values):
    if time.monotonic() > end:
        raise KeyboardInterrupt
    sources = [repr(value) for value in values]
    status = subject._ncg_replay(sources)[0]
    assume(status != "not allowed")
    if status in ("broken", "raised"):
        last[:] = sources
        raise Found

try:
    search()
except BaseException:
    pass
print("\\n" + json.dumps(last))
""".replace("{{", "{").replace("}}", "}")


def packages() -> tuple[str, ...]:
    """Where this Python keeps what is installed: the searches themselves, and the contract libraries of the code."""
    paths = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    return tuple(dict.fromkeys(path for path in paths if Path(path).is_dir()))


def with_packages(environment: Environment) -> Environment:
    """The same environment, where what is installed beside us can be imported as well."""
    return Environment(environment.project, tuple(dict.fromkeys([*environment.packages, *packages()])))


async def by_hypothesis(
    executor: Executor, source: str, spec: Specification, seconds: float, environment: Environment
) -> list[list[str]]:
    """Inputs that Hypothesis found to break the contract, shrunk; as Python expressions. `seconds` holds its start too."""
    node = find_node(source, spec.name)
    if "." in spec.name or node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
        return []
    parameters = [*node.args.posonlyargs, *node.args.args]
    if any(p.annotation is None for p in parameters):
        return []
    bounds = bounds_of([p.arg for p in parameters], [c.expression for c in spec.requires if not c.problem])
    hints = [ast.unparse(p.annotation).strip("'\"") for p in parameters if p.annotation is not None]
    files = {"subject.py": replay_module(source, spec), "search_inputs.py": HYPOTHESIS}
    job = ModuleJob(
        "search_inputs",
        (json.dumps([hints, bounds, max(0.2, seconds - START_UP_S)]),),
        files,
        with_packages(environment),
        Limits(seconds, MEMORY_BYTES, 1 << 20),
    )
    (report,) = await executor.run_module([job])
    return _leads_of(report)


def _leads_of(report: ModuleReport) -> list[list[str]]:
    line = report.stdout.rstrip().rpartition("\n")[2]
    try:
        found = json.loads(line)
    except ValueError:
        return []
    return [found] if isinstance(found, list) and found and all(isinstance(part, str) for part in found) else []


def bounds_of(names: Sequence[str], requires: Sequence[str]) -> list[tuple[int | None, int | None, int, int | None]]:
    """For each argument the least and greatest value and the least and greatest size that the preconditions state."""
    low: dict[str, int] = {}
    high: dict[str, int] = {}
    for text in requires:
        for left, op, right in _comparisons(ast.parse(text, mode="eval").body):
            for a, b, kind in ((left, right, type(op)), (right, left, _turned(type(op)))):
                key, value = _quantity(a), _integer(b)
                if key is None or value is None:
                    continue
                if kind in (ast.Gt, ast.GtE, ast.Eq):
                    low[key] = max(low.get(key, value), value + (kind is ast.Gt))
                if kind in (ast.Lt, ast.LtE, ast.Eq):
                    high[key] = min(high.get(key, value), value - (kind is ast.Lt))
    found: list[tuple[int | None, int | None, int, int | None]] = []
    for name in names:
        size = f"len({name})"
        bound = low.get(name), high.get(name), max(0, low.get(size, 0)), high.get(size)
        possible = (bound[0] is None or bound[1] is None or bound[0] <= bound[1]) and (
            bound[3] is None or bound[2] <= bound[3]
        )
        found.append(bound if possible else (None, None, 0, None))
    return found


def _comparisons(node: ast.expr) -> list[tuple[ast.expr, ast.cmpop, ast.expr]]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [found for part in node.values for found in _comparisons(part)]
    if isinstance(node, ast.Compare):
        return list(zip([node.left, *node.comparators], node.ops, node.comparators, strict=False))
    return []


def _turned(kind: type[ast.cmpop]) -> type[ast.cmpop]:
    return {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}.get(kind, kind)


def _quantity(node: ast.expr) -> str | None:
    is_size = isinstance(node, ast.Call) and ast.unparse(node.func) == "len" and len(node.args) == 1
    return ast.unparse(node) if isinstance(node, ast.Name) or is_size else None


def _integer(node: ast.expr) -> int | None:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if type(value) is int else None


async def by_crosshair(
    executor: Executor, source: str, spec: Specification, seconds: float, environment: Environment
) -> list[list[str]]:
    """Inputs that CrossHair says break the contract, as Python expressions."""
    rewritten, line = as_pep316(source, spec)
    args = (
        "check",
        "--analysis_kind=PEP316",
        f"--per_condition_timeout={max(0.2, seconds - START_UP_S):g}",
        f"subject.py:{line}",
    )
    job = ModuleJob(
        "crosshair", args, {"subject.py": rewritten}, with_packages(environment), Limits(seconds, MEMORY_BYTES, 1 << 20)
    )
    (report,) = await executor.run_module([job])
    if report.kind is not OutcomeKind.RETURNED and not report.stdout:
        return []
    leads = [arguments_of(text, source, spec) for text in report.stdout.split("subject.py:")]
    return [lead for lead in leads if lead is not None][:MAX_LEADS]


def as_pep316(source: str, spec: Specification) -> tuple[str, int]:
    """The module with the contract as the function's docstring, whatever dialect it had, and the function's line."""
    tree = ast.parse(source)
    owner, _, plain = spec.name.rpartition(".")
    body: list[ast.stmt] = tree.body
    if owner:
        body = next(n.body for n in reversed(tree.body) if isinstance(n, ast.ClassDef) and n.name == owner)
    node = next(n for n in reversed(body) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.name == plain)
    words = [f"pre: {c.expression}" for c in spec.requires if not c.problem]
    words += [f"post: {crosshair_words(c.expression)}" for c in spec.ensures if not c.problem] or ["post: True"]
    if spec.raises:
        words.append(f"raises: {', '.join(spec.raises)}")
    docstring = ast.Expr(ast.Constant("\n" + "\n".join(words) + "\n"))
    has_docstring = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
    node.body = [docstring, *(node.body[1:] if has_docstring else node.body)] or [docstring]
    if has_docstring and len(node.body) == 1:
        node.body.append(ast.Pass())
    libraries = library_names(tree)
    node.decorator_list = [d for d in node.decorator_list if not enforces(d, libraries)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = ast.unparse(ast.fix_missing_locations(tree))
    return text, find_node(text, spec.name).lineno


def crosshair_words(expression: str) -> str:
    """`result` and `old(x)` as CrossHair has them."""

    class Translate(ast.NodeTransformer):
        def __init__(self) -> None:
            self.inside = False

        def visit_Call(self, node: ast.Call) -> ast.AST:
            if isinstance(node.func, ast.Name) and node.func.id == "old" and len(node.args) == 1:
                self.inside = True
                inner = self.visit(node.args[0])
                self.inside = False
                return inner
            return self.generic_visit(node)

        def visit_Name(self, node: ast.Name) -> ast.AST:
            if node.id == "result":
                return ast.Name("__return__", node.ctx)
            if self.inside and isinstance(node.ctx, ast.Load) and node.id in names:
                return ast.Attribute(ast.Name("__old__", ast.Load()), node.id, node.ctx)
            return node

    tree = ast.parse(expression, mode="eval").body
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - bound - set(dir(builtins))
    return ast.unparse(ast.fix_missing_locations(Translate().visit(tree)))


def arguments_of(message: str, source: str, spec: Specification) -> list[str] | None:
    """The arguments of `... when calling f(1, x = 2)`, in the order of the parameters; None where there are none."""
    found = CALLING.search(message.strip())
    if found is None:
        return None
    node = find_node(source, spec.name)
    names = [p.arg for p in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]]
    text = found["call"].strip()
    while text:  # what follows the call may be more words
        try:
            call = ast.parse(text, mode="eval").body
            break
        except (SyntaxError, ValueError):
            text = text.rpartition(")")[0].rpartition(")")[0]
            text = text + ")" if text else ""
    else:
        return None
    if not isinstance(call, ast.Call):
        return None
    given = {k.arg: ast.unparse(k.value) for k in call.keywords if k.arg}
    positional = [ast.unparse(a) for a in call.args]
    num_plain = len(node.args.posonlyargs) + len(node.args.args)
    values = dict(zip(names, positional[:num_plain], strict=False)) | given
    defaults = dict(
        zip(names[num_plain - len(node.args.defaults) : num_plain], map(ast.unparse, node.args.defaults), strict=False)
    )
    values = defaults | values
    if any(name not in values for name in names):
        return None
    result = [values[name] for name in names]
    if node.args.vararg:
        rest = positional[num_plain:]
        result.append("(" + ", ".join(rest) + ("," if len(rest) == 1 else "") + ")")
    if found["patch"]:
        inside = found["patch"].removeprefix("crosshair.patch_to_return({").removesuffix("})")
        if PATCH_ITEM.sub("", inside):
            return None
        result.append(PATCH + "[" + ", ".join(f"({name!r}, {values})" for name, values in PATCH_ITEM.findall(inside)) + "]")
    return result


__all__ = ["arguments_of", "as_pep316", "bounds_of", "by_crosshair", "by_hypothesis", "with_packages"]
