"""The interpreter: statements and expressions of the fragment, run along one path.

Covers: functions, classes and lambdas of one module, the statements of Python but `with`, `match`, `yield`, `await` and
`global`. Everything else raises Unsupported with the construct and its line; nothing is approximated in silence.
"""

from __future__ import annotations

import ast
from typing import Any

from ncg_ray.verify.smt.calls import call_builtin
from ncg_ray.verify.smt.comprehensions import Comprehensions
from ncg_ray.verify.smt.conditions import Conditions
from ncg_ray.verify.smt.expressions import Expressions
from ncg_ray.verify.smt.frames import Frame, Returned, frozen
from ncg_ray.verify.smt.items import Items
from ncg_ray.verify.smt.loops import Loops
from ncg_ray.verify.smt.modules import Globals, is_cached, local_names
from ncg_ray.verify.smt.paths import Cut, Path, Unsupported
from ncg_ray.verify.smt.raising import type_error
from ncg_ray.verify.smt.statements import Statements
from ncg_ray.verify.smt.values import (
    Builtin,
    Class,
    Function,
    Instance,
    SDict,
    SList,
    SSet,
    holds_mutable,
    is_number,
    is_string,
    kind_of,
)

MAX_DEPTH = 40
"Calls within calls, on one path."


class Interpreter(Statements, Conditions, Expressions, Items, Comprehensions):
    """Runs the code of one module along one path."""

    def __init__(self, path: Path, module: Globals, loops: Loops) -> None:
        self.path, self.loops = path, loops
        self.module = module.on(self)
        self.depth = 0
        self.old: Any = None
        "What `old(...)` is evaluated in."
        self.contract = 0
        "Whether a contract or an invariant is evaluated, where `old(...)` has its meaning."
        self.line = 0
        self.hashes: dict[int, Any] = {}
        "What `hash` gave, by the identity of the object, which is kept alive beside it."
        self.cached: dict[int, tuple[Any, list[tuple[Any, ...]]]] = {}
        "The arguments of each function that remembers what it gave."
        self.clock: Any = 0.0
        "The latest time that the program was told."

    def call(self, function: Any, args: list[Any], kwargs: dict[str, Any], line: int = 0) -> Any:
        """Call any value. Raises Raised where the program would."""
        if isinstance(function, Builtin):
            return call_builtin(self, function, args, kwargs, line)
        if isinstance(function, Class):
            return self.construct(function, args, kwargs, line)
        if isinstance(function, Function):
            return self.call_function(function, [*function.bound, *args], kwargs, line)
        if isinstance(function, (Instance, SList, SDict, SSet)) or is_number(function) or function is None:
            raise type_error(f"'{kind_of(function)}' object is not callable")
        raise Unsupported(f"a call of a {kind_of(function)}", line)

    def call_function(self, function: Function, args: list[Any], kwargs: dict[str, Any], line: int = 0) -> Any:
        node = function.node
        if isinstance(node, ast.AsyncFunctionDef):
            raise Unsupported("an async function", node.lineno)
        if self.depth >= MAX_DEPTH:
            raise Cut
        names = self.bind(function, args, kwargs)
        if isinstance(node, ast.Lambda):
            return self.evaluate(node.body, Frame(names, function.scope, frozenset(names), function.name))
        clock = self.clock
        if is_cached(function):
            self._remember(node, tuple(names.values()))
        assigned, generator = local_names(node)
        if generator:
            raise Unsupported("a generator", node.lineno)
        result = self.run_body(node.body, Frame(names, function.scope, assigned, function.name))
        if is_cached(function) and (holds_mutable(result) or self.clock is not clock):
            raise Unsupported("a cached function with a mutable result, or that asks for the time", node.lineno)
        return result

    def _remember(self, node: Any, args: tuple[Any, ...]) -> None:
        """A cache answers for one argument what it found for an equal one, which may be of another type: 1, True, 1.0."""
        if any(map(holds_mutable, args)):
            raise Unsupported("a cached function with mutable arguments", node.lineno)
        _, known = self.cached.setdefault(id(node), (node, []))
        if any(_may_be_mistaken(args, other) for other in known):
            raise Unsupported("a cached function with equal arguments of several types", node.lineno)
        if not any(other is args for other in known):
            known.append(args)

    def run_body(self, body: list[ast.stmt], frame: Frame) -> Any:
        self.depth += 1
        contract, self.contract = self.contract, 0
        try:
            self.execute_all(body, frame)
        except Returned as returned:
            return returned.value
        finally:
            self.depth -= 1
            self.contract = contract
        return None

    def bind(self, function: Function, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The parameters by name. Raises Raised(TypeError) where the call does not fit."""
        spec = function.node.args
        positional = [*spec.posonlyargs, *spec.args]
        names: dict[str, Any] = {}
        if len(args) > len(positional) and spec.vararg is None:
            raise type_error(f"{function.name}() takes {len(positional)} positional arguments but {len(args)} were given")
        for parameter, value in zip(positional, args, strict=False):
            names[parameter.arg] = value
        if spec.vararg is not None:
            names[spec.vararg.arg] = tuple(args[len(positional) :])
        rest = dict(kwargs)
        for parameter in [*spec.args, *spec.kwonlyargs]:
            if parameter.arg in rest:
                if parameter.arg in names:
                    raise type_error(f"{function.name}() got multiple values for argument '{parameter.arg}'")
                names[parameter.arg] = rest.pop(parameter.arg)
        if rest and spec.kwarg is None:
            raise type_error(f"{function.name}() got an unexpected keyword argument '{next(iter(rest))}'")
        if spec.kwarg is not None:
            names[spec.kwarg.arg] = SDict(list(rest.items()))
        for parameter in [*positional, *spec.kwonlyargs]:
            if parameter.arg not in names:
                if parameter.arg not in function.defaults:
                    raise type_error(f"{function.name}() missing a required argument: '{parameter.arg}'")
                names[parameter.arg] = function.defaults[parameter.arg]
        return names

    def define(self, name: str, node: Any, scope: Any) -> Function:
        """A function, with its defaults as they are now."""
        spec = node.args
        positional = [*spec.posonlyargs, *spec.args]
        defaults = dict(zip([p.arg for p in positional[len(positional) - len(spec.defaults) :]], spec.defaults, strict=True))
        defaults |= {p.arg: d for p, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is not None}
        return Function(name, node, scope, {key: frozen(self.evaluate(value, scope)) for key, value in defaults.items()})

    def construct(self, kind: Class, args: list[Any], kwargs: dict[str, Any], line: int = 0) -> Any:
        """A new object of a class of the module."""
        for base in kind.bases:
            if not isinstance(base, Class) and base != Builtin("object"):
                raise Unsupported(f"an object of class {kind.name}, for its base", line)
        made = Instance(kind)
        if "__init__" in kind.methods:
            if self.call_function(kind.methods["__init__"], [made, *args], kwargs, line) is not None:
                raise type_error("__init__() should return None")
        elif kind.is_dataclass:
            self._fill_dataclass(made, kind, args, kwargs)
        elif args or kwargs:
            raise type_error(f"{kind.name}() takes no arguments")
        return made

    def _fill_dataclass(self, made: Instance, kind: Class, args: list[Any], kwargs: dict[str, Any]) -> None:
        given = dict(zip([name for name, _ in kind.fields], args, strict=False))
        if len(args) > len(kind.fields) or kwargs.keys() & given.keys() or not kwargs.keys() <= dict(kind.fields).keys():
            raise type_error(f"{kind.name}() got wrong arguments")
        given |= kwargs
        for name, default in kind.fields:
            if name not in given:
                if default is None:
                    raise type_error(f"{kind.name}() missing a required argument: '{name}'")
                given[name] = self.evaluate(default, self.module)
            made.fields[name] = given[name]
        if "__post_init__" in kind.methods:
            self.call_function(kind.methods["__post_init__"], [made], {})


def _may_be_mistaken(a: Any, b: Any) -> bool:
    """Whether two values may be equal and yet not the same to a function. Floats may: 0.0 and -0.0."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        pairs = list(zip(a, b, strict=False))
        return (
            len(a) == len(b)
            and not any(_surely_differ(x, y) for x, y in pairs)
            and any(_may_be_mistaken(x, y) for x, y in pairs)
        )
    if isinstance(a, float) and isinstance(b, float):
        return a == 0 == b
    if is_number(a) and is_number(b):
        return kind_of(a) != kind_of(b) or kind_of(a) == "float"
    return kind_of(a) == kind_of(b) and not (is_string(a) or a is None or isinstance(a, (Builtin, Class, Function)))


def _surely_differ(a: Any, b: Any) -> bool:
    if isinstance(a, (int, float, str, type(None))) and isinstance(b, (int, float, str, type(None))):
        return a != b
    return kind_of(a) != kind_of(b) and not (is_number(a) and is_number(b))
