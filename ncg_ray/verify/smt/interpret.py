"""The interpreter: statements and expressions of the fragment, run along one path.

Covers: functions, classes and lambdas of one module, the statements of Python but `with`, `match`, `yield`, `await` and
`global`. Everything else raises Unsupported with the construct and its line; nothing is approximated in silence.
"""

from __future__ import annotations

import ast
import contextlib
from typing import Any

from ncg_ray.verify.smt import scalars, sequences
from ncg_ray.verify.smt.calls import call_builtin
from ncg_ray.verify.smt.loops import FORGOTTEN, Loops
from ncg_ray.verify.smt.methods import attribute
from ncg_ray.verify.smt.modules import Globals, local_names
from ncg_ray.verify.smt.paths import Cut, Formula, NeedsFork, Path, PathEnd, Unsupported
from ncg_ray.verify.smt.raising import Raised, type_error
from ncg_ray.verify.smt.values import (
    Builtin,
    Class,
    Fixed,
    Function,
    Instance,
    Lazy,
    Module,
    SDict,
    SIterator,
    SList,
    SSet,
    STuple,
    Symbol,
    conj,
    copied,
    disj,
    elements_of,
    holds_mutable,
    is_integral,
    is_number,
    is_string,
    kind_of,
    make_str,
    make_tuple,
    neg,
    wrap_bool,
)

BINARY = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
}
COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
PURE_CALLS = frozenset(
    {
        "len",
        "abs",
        "min",
        "max",
        "isinstance",
        "all",
        "any",
        "sum",
        "ord",
        "chr",
        "bool",
        "int",
        "range",
        "sorted",
        "enumerate",
        "zip",
        "reversed",
        "list",
        "tuple",
        "set",
        "old",
        "math.gcd",
        "float",
        "math.isnan",
        "math.isfinite",
        "math.isinf",
        "divmod",
        "implies",
    }
)
MAX_DEPTH = 40
"Calls within calls, on one path."


class Frame:
    """The local names of one call."""

    __slots__ = ("assigned", "function", "names", "nonlocal_names", "outer")

    def __init__(self, names: dict[str, Any], outer: Any, assigned: frozenset[str], function: str = "") -> None:
        self.names, self.outer, self.assigned, self.function = names, outer, assigned, function
        self.nonlocal_names: set[str] = set()

    def lookup(self, name: str, line: int) -> Any:
        if name in self.names:
            if self.names[name] is FORGOTTEN:
                raise Unsupported(f"the name {name!r}, which only the loop before binds", line)
            return self.names[name]
        if name in self.assigned and name not in self.nonlocal_names:
            raise Raised(UnboundLocalError, f"cannot access local variable '{name}'", line)
        return self.outer.lookup(name, line)

    def store(self, name: str, value: Any) -> None:
        frame = self
        if name in self.nonlocal_names:
            frame = self.outer
            while isinstance(frame, Frame) and name not in frame.assigned:
                frame = frame.outer
            if not isinstance(frame, Frame):
                raise Unsupported("a nonlocal name that no function has")
        frame.names[name] = value


class Returned(Exception):
    def __init__(self, value: Any) -> None:
        self.value = value


class Broke(Exception):
    pass


class Continued(Exception):
    pass


class Interpreter:
    """Runs the code of one module along one path."""

    def __init__(self, path: Path, module: Globals, loops: Loops) -> None:
        self.path, self.loops = path, loops
        self.module = module.on(self)
        self.depth = 0
        self.old: Any = None
        "What `old(...)` is evaluated in."
        self.line = 0
        self.hashes: dict[int, Any] = {}
        "What `hash` gave, by the identity of the object, which is kept alive beside it."
        self.clock: Any = 0.0
        "The latest time that the program was told."

    # -- calls

    def call(self, function: Any, args: list[Any], kwargs: dict[str, Any], line: int = 0) -> Any:
        """Call any value. Raises Raised where the program would."""
        if isinstance(function, Builtin):
            return call_builtin(self, function, args, kwargs, line)
        if isinstance(function, Class):
            return self.construct(function, args, kwargs, line)
        if isinstance(function, Function):
            return self.call_function(function, [*function.bound, *args], kwargs, line)
        if isinstance(function, Instance) and "__call__" in function.kind.methods:
            return self.call_function(function.kind.methods["__call__"], [function, *args], kwargs, line)
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
        assigned, generator = local_names(node)
        if generator:
            raise Unsupported("a generator", node.lineno)
        return self.run_body(node.body, Frame(names, function.scope, assigned, function.name))

    def run_body(self, body: list[ast.stmt], frame: Frame) -> Any:
        self.depth += 1
        try:
            self.execute_all(body, frame)
        except Returned as returned:
            return returned.value
        finally:
            self.depth -= 1
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
        if {"__new__", "__setattr__", "__getattr__", "__getattribute__"} & kind.methods.keys():
            raise Unsupported(f"an object of class {kind.name}, which makes its own rules", line)
        made = Instance(kind)
        if "__init__" in kind.methods:
            self.call_function(kind.methods["__init__"], [made, *args], kwargs, line)
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

    # -- statements

    def execute_all(self, body: list[ast.stmt], frame: Frame) -> None:
        for statement in body:
            self.execute(statement, frame)

    def execute(self, node: ast.stmt, frame: Frame) -> None:
        self.path.step()
        self.line = node.lineno
        handler = getattr(self, f"_do_{type(node).__name__}", None)
        if handler is None:
            raise Unsupported(_construct(node), node.lineno)
        try:
            handler(node, frame)
        except Raised as raised:
            raised.line = raised.line or node.lineno
            raise
        except Unsupported as gap:
            gap.line = gap.line or node.lineno
            raise

    def _do_Expr(self, node: ast.Expr, frame: Frame) -> None:
        if not isinstance(node.value, ast.Constant):
            self.evaluate(node.value, frame)

    def _do_Pass(self, node: ast.Pass, frame: Frame) -> None:
        pass

    def _do_Assign(self, node: ast.Assign, frame: Frame) -> None:
        value = self.evaluate(node.value, frame)
        for target in node.targets:
            self.assign(target, value, frame)

    def _do_AnnAssign(self, node: ast.AnnAssign, frame: Frame) -> None:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value, frame), frame)

    def _do_AugAssign(self, node: ast.AugAssign, frame: Frame) -> None:
        target, symbol = node.target, BINARY.get(type(node.op))
        if symbol is None:
            raise Unsupported("matrix multiplication", node.lineno)
        if isinstance(target, ast.Name):
            before = frame.lookup(target.id, node.lineno)
            frame.store(target.id, self._augmented(before, self.evaluate(node.value, frame), symbol))
        elif isinstance(target, ast.Subscript):
            holder, key = self.evaluate(target.value, frame), self._key(target.slice, frame)
            before = self.item(holder, key)
            self.store_item(holder, key, self._augmented(before, self.evaluate(node.value, frame), symbol))
        elif isinstance(target, ast.Attribute):
            holder = self.evaluate(target.value, frame)
            before = attribute(self, holder, target.attr)
            self._store_attribute(holder, target.attr, self._augmented(before, self.evaluate(node.value, frame), symbol))

    def _augmented(self, before: Any, value: Any, symbol: str) -> Any:
        if isinstance(before, SList) and symbol == "+":
            added = sequences.iterated(self.path, value)
            before.touch()
            before.elements = sequences.joined(self.path, before.elements, added)
            return before
        if isinstance(before, SList) and symbol == "*":
            grown = sequences.repeated(self.path, before, value)
            before.touch()
            before.elements = grown.elements
            return before
        if isinstance(before, SSet) and not before.is_frozenset and symbol in "|&-^":
            made = self.binary(before, value, symbol)
            before.touch()
            before.items = made.items
            return before
        if isinstance(before, SDict) and symbol == "|":
            raise Unsupported("`|=` of a dict")
        return self.binary(before, value, symbol)

    def assign(self, target: ast.expr, value: Any, frame: Frame) -> None:
        if isinstance(target, ast.Name):
            frame.store(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, frame)
        elif isinstance(target, ast.Subscript):
            self.store_item(self.evaluate(target.value, frame), self._key(target.slice, frame), value)
        elif isinstance(target, ast.Attribute):
            self._store_attribute(self.evaluate(target.value, frame), target.attr, value)
        else:
            raise Unsupported(_construct(target), target.lineno)

    def _unpack(self, target: ast.Tuple | ast.List, value: Any, frame: Frame) -> None:
        elements = sequences.iterated(self.path, value)
        num = len(target.elts)
        starred = next((i for i, t in enumerate(target.elts) if isinstance(t, ast.Starred)), None)
        if isinstance(elements, Lazy):
            wrong = elements.length != num if starred is None else elements.length < num - 1
            if self.path.decide(wrong):
                raise Raised(ValueError, "wrong number of values to unpack")
            if starred is not None:
                raise Unsupported("a starred target for a sequence of unbounded length", target.lineno)
            items = tuple(sequences.at(self.path, elements, i) for i in range(num))
        else:
            items = elements.items
        if starred is None:
            if len(items) != num:
                raise Raised(ValueError, f"wrong number of values to unpack (expected {num}, got {len(items)})")
        else:
            if len(items) < num - 1:
                raise Raised(ValueError, "not enough values to unpack")
            stop = len(items) - (num - 1 - starred)
            items = (*items[:starred], SList(Fixed(items[starred:stop])), *items[stop:])
        for part, item in zip(target.elts, items, strict=True):
            self.assign(part.value if isinstance(part, ast.Starred) else part, item, frame)

    def _store_attribute(self, holder: Any, name: str, value: Any) -> None:
        if not isinstance(holder, Instance):
            raise Unsupported(f"setting an attribute of a {kind_of(holder)}")
        if name in holder.kind.methods:
            raise Unsupported("setting what the class defines as a method or property")
        holder.touch()
        holder.fields[name] = value

    def _do_Delete(self, node: ast.Delete, frame: Frame) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                frame.lookup(target.id, node.lineno)
                if target.id not in frame.names:
                    raise Unsupported("`del` of a name from outside", node.lineno)
                del frame.names[target.id]
            elif isinstance(target, ast.Subscript):
                self._delete_item(self.evaluate(target.value, frame), self._key(target.slice, frame))
            else:
                raise Unsupported("`del` of an attribute", node.lineno)

    def _do_If(self, node: ast.If, frame: Frame) -> None:
        self.execute_all(node.body if self.path.decide(self.condition(node.test, frame)) else node.orelse, frame)

    def _do_While(self, node: ast.While, frame: Frame) -> None:
        self.loops.run_while(self, node, frame)

    def _do_For(self, node: ast.For, frame: Frame) -> None:
        self.loops.run_for(self, node, frame)

    def _do_Return(self, node: ast.Return, frame: Frame) -> None:
        raise Returned(None if node.value is None else self.evaluate(node.value, frame))

    def _do_Break(self, node: ast.Break, frame: Frame) -> None:
        raise Broke

    def _do_Continue(self, node: ast.Continue, frame: Frame) -> None:
        raise Continued

    def _do_Assert(self, node: ast.Assert, frame: Frame) -> None:
        if not self.path.decide(self.condition(node.test, frame)):
            raise Raised(AssertionError, "" if node.msg is None else ast.unparse(node.msg)[:80], node.lineno)

    def _do_Raise(self, node: ast.Raise, frame: Frame) -> None:
        if node.exc is None:
            current = getattr(frame, "names", {}).get("*current")
            if current is None:
                raise Unsupported("a bare `raise`", node.lineno)
            raise current
        if isinstance(node.exc, ast.Call):
            kind = self.evaluate(node.exc.func, frame)
            for argument in node.exc.args:
                self.evaluate(argument, frame)
        else:
            kind = self.evaluate(node.exc, frame)
        if isinstance(kind, Raised):
            raise kind
        if isinstance(kind, Builtin) and _host_exception(kind.name) is not None:
            raise Raised(_host_exception(kind.name), "", node.lineno)
        if isinstance(kind, Class) and _is_exception(kind):
            raise Raised(kind, "", node.lineno)
        raise Unsupported("raising what is not plainly an exception", node.lineno)

    def _do_Try(self, node: ast.Try, frame: Frame) -> None:
        try:
            self._try_handlers(node, frame)
        except (Raised, Returned, Broke, Continued):
            self.execute_all(node.finalbody, frame)
            raise
        self.execute_all(node.finalbody, frame)

    def _try_handlers(self, node: ast.Try, frame: Frame) -> None:
        try:
            self.execute_all(node.body, frame)
        except Raised as raised:
            for handler in node.handlers:
                if handler.type is None or self._catches(self.evaluate(handler.type, frame), raised):
                    self._handle(handler, raised, frame)
                    return
            raise
        self.execute_all(node.orelse, frame)

    def _handle(self, handler: ast.ExceptHandler, raised: Raised, frame: Frame) -> None:
        before = frame.names.get("*current")
        frame.names["*current"] = raised
        if handler.name:
            frame.store(handler.name, raised)
        try:
            self.execute_all(handler.body, frame)
        finally:
            frame.names["*current"] = before
            if handler.name:
                frame.names.pop(handler.name, None)

    def _catches(self, kind: Any, raised: Raised) -> bool:
        if isinstance(kind, tuple):
            return any(self._catches(item, raised) for item in kind)
        if isinstance(kind, Builtin):
            host = _host_exception(kind.name)
            if host is None:
                raise Unsupported("`except` with something that is no exception")
            return exception_is(raised.kind, host)
        if isinstance(kind, Class):
            return exception_is(raised.kind, kind)
        raise Unsupported("`except` with something that is no exception")

    def _do_FunctionDef(self, node: ast.FunctionDef, frame: Frame) -> None:
        if node.decorator_list:
            raise Unsupported("a decorated inner function", node.lineno)
        frame.store(node.name, self.define(node.name, node, frame))

    def _do_Nonlocal(self, node: ast.Nonlocal, frame: Frame) -> None:
        frame.nonlocal_names |= set(node.names)

    def _do_Import(self, node: ast.Import, frame: Frame) -> None:
        for alias in node.names:
            frame.store(
                alias.asname or alias.name.split(".")[0], Module(alias.name if alias.asname else alias.name.split(".")[0])
            )

    def _do_ImportFrom(self, node: ast.ImportFrom, frame: Frame) -> None:
        for alias in node.names:
            frame.store(alias.asname or alias.name, Builtin(f"{node.module}.{alias.name}"))

    # -- expressions

    def condition(self, node: ast.expr, frame: Any) -> Formula:
        """Whether an expression is true, without a fork where its parts can be joined into one formula."""
        if isinstance(node, ast.BoolOp):
            return self._joined(node.values, isinstance(node.op, ast.And), frame)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return neg(self.condition(node.operand, frame))
        if isinstance(node, ast.Compare):
            return self._compare(node, frame)
        return self.truth(self.evaluate(node, frame))

    def _joined(self, parts: list[ast.expr], conjunction: bool, frame: Any) -> Formula:
        first = self.condition(parts[0], frame)
        if len(parts) == 1:
            return first
        return self._and_then(
            first if conjunction else neg(first),
            parts[1:],
            lambda: self._joined(parts[1:], conjunction, frame),
            conjunction,
            frame,
        )

    def _and_then(self, first: Formula, nodes: list[ast.expr], rest: Any, conjunction: bool, frame: Any) -> Formula:
        """`first and rest()`, or for a disjunction, where `first` is negated, `not first or rest()`."""
        if first is False:
            return not conjunction
        if first is True:
            return rest()
        if all(self.pure(node, frame) for node in nodes):
            try:
                with self.path.supposing(first):
                    second = rest()
                return conj(first, second) if conjunction else disj(neg(first), second)
            except (NeedsFork, Raised, Unsupported, PathEnd):
                pass
        return rest() if self.path.decide(first) else not conjunction

    def _compare(self, node: ast.Compare, frame: Any) -> Formula:
        left = self.evaluate(node.left, frame)
        return self._chain(left, node.ops, node.comparators, frame)

    def _chain(self, left: Any, ops: list[ast.cmpop], nodes: list[ast.expr], frame: Any) -> Formula:
        right = self.evaluate(nodes[0], frame)
        first = self.compare(left, right, ops[0])
        if len(ops) == 1:
            return first
        return self._and_then(first, nodes[1:], lambda: self._chain(right, ops[1:], nodes[1:], frame), True, frame)

    def compare(self, a: Any, b: Any, op: ast.cmpop) -> Formula:
        path = self.path
        if isinstance(op, (ast.Eq, ast.NotEq)):
            same = sequences.equal(path, a, b)
            return same if isinstance(op, ast.Eq) else neg(same)
        if isinstance(op, (ast.In, ast.NotIn)):
            there = sequences.contains(path, b, a)
            return there if isinstance(op, ast.In) else neg(there)
        if isinstance(op, (ast.Is, ast.IsNot)):
            same = sequences.is_same(path, a, b)
            return same if isinstance(op, ast.Is) else neg(same)
        if isinstance(a, Instance) or isinstance(b, Instance):
            raise Unsupported("an order between objects of a class")
        return sequences.ordered(path, a, b, COMPARE[type(op)])

    def truth(self, value: Any) -> Formula:
        return sequences.truth(self.path, value)

    def pure(self, node: ast.AST, frame: Any) -> bool:
        """Whether evaluating it twice does no more than once."""
        for part in ast.walk(node):
            if isinstance(part, (ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom, ast.Lambda)):
                return False
            if isinstance(part, ast.Call) and not self._is_pure_call(part, frame):
                return False
        return True

    def _is_pure_call(self, node: ast.Call, frame: Any) -> bool:
        if not isinstance(node.func, (ast.Name, ast.Attribute)):
            return False
        text = ast.unparse(node.func)
        if text not in PURE_CALLS:
            return False
        try:
            value = frame.lookup(text.split(".")[0], 0)
        except (Raised, Unsupported):
            return False
        return isinstance(value, (Builtin, Module))

    def evaluate(self, node: ast.expr, frame: Any) -> Any:
        handler = getattr(self, f"_value_{type(node).__name__}", None)
        if handler is None:
            raise Unsupported(_construct(node), getattr(node, "lineno", 0))
        return handler(node, frame)

    def _value_Constant(self, node: ast.Constant, frame: Any) -> Any:
        if node.value is None or type(node.value) in (int, bool, float, str):
            return node.value
        raise Unsupported(f"a literal of type {type(node.value).__name__}", node.lineno)

    def _value_Name(self, node: ast.Name, frame: Any) -> Any:
        return frame.lookup(node.id, getattr(node, "lineno", 0))

    def _value_NamedExpr(self, node: ast.NamedExpr, frame: Any) -> Any:
        value = self.evaluate(node.value, frame)
        self.assign(node.target, value, frame)
        return value

    def _value_Tuple(self, node: ast.Tuple, frame: Any) -> Any:
        return self._display(node.elts, frame)

    def _value_List(self, node: ast.List, frame: Any) -> Any:
        return SList(Fixed(self._display(node.elts, frame)))

    def _display(self, nodes: list[ast.expr], frame: Any) -> tuple[Any, ...]:
        items: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                items += sequences.listed(self.path, self.evaluate(node.value, frame))
            else:
                items.append(self.evaluate(node, frame))
        return tuple(items)

    def _value_Set(self, node: ast.Set, frame: Any) -> Any:
        items: list[Any] = []
        for item in self._display(node.elts, frame):
            sequences.add_to_set(self.path, items, item)
        return SSet(items)

    def _value_Dict(self, node: ast.Dict, frame: Any) -> Any:
        made = SDict([])
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                raise Unsupported("`**` in a dict display", node.lineno)
            self.store_item(made, self.evaluate(key, frame), self.evaluate(value, frame))
        return made

    def _value_UnaryOp(self, node: ast.UnaryOp, frame: Any) -> Any:
        if isinstance(node.op, ast.Not):
            return wrap_bool(neg(self.condition(node.operand, frame)))
        value = self.evaluate(node.operand, frame)
        if not is_number(value):
            if isinstance(value, Instance):
                raise Unsupported("a unary operator on an object of a class", node.lineno)
            raise type_error(f"bad operand type for unary operator: '{kind_of(value)}'")
        if isinstance(node.op, ast.USub):
            return scalars.negative(value)
        if isinstance(node.op, ast.UAdd):
            return scalars.to_int(self.path, value) if is_integral(value) else value
        if not is_integral(value):
            raise type_error("bad operand type for unary ~")
        return scalars.arithmetic(self.path, scalars.negative(value), 1, "-")

    def _value_BinOp(self, node: ast.BinOp, frame: Any) -> Any:
        symbol = BINARY.get(type(node.op))
        if symbol is None:
            raise Unsupported("matrix multiplication", node.lineno)
        return self.binary(self.evaluate(node.left, frame), self.evaluate(node.right, frame), symbol)

    def binary(self, a: Any, b: Any, symbol: str) -> Any:
        path = self.path
        if is_number(a) and is_number(b):
            return scalars.arithmetic(path, a, b, symbol)
        if isinstance(a, Instance) or isinstance(b, Instance):
            return self._binary_instances(a, b, symbol)
        left, right = elements_of(a), elements_of(b)
        if symbol == "+" and left is not None and right is not None:
            if is_string(a) and is_string(b):
                return make_str(sequences.joined(path, left, right))
            if isinstance(a, SList) and isinstance(b, SList):
                return SList(sequences.joined(path, left, right))
            if isinstance(a, (tuple, STuple)) and isinstance(b, (tuple, STuple)):
                return make_tuple(sequences.joined(path, left, right))
        if symbol == "*" and left is not None and is_integral(b):
            return sequences.repeated(path, a, b)
        if symbol == "*" and right is not None and is_integral(a):
            return sequences.repeated(path, b, a)
        if isinstance(a, SSet) and isinstance(b, SSet) and symbol in "|&-^":
            return self._combine_sets(a, b, symbol)
        if symbol == "%" and is_string(a):
            raise Unsupported("formatting with %")
        known = (tuple, STuple, SList, SDict, SSet, type(None))
        if all(is_number(v) or is_string(v) or isinstance(v, known) for v in (a, b)) and not (
            isinstance(a, SDict) and isinstance(b, SDict)
        ):
            raise type_error(f"unsupported operand type(s) for {symbol}: '{kind_of(a)}' and '{kind_of(b)}'")
        raise Unsupported(f"the operator {symbol} on {kind_of(a)} and {kind_of(b)}")

    def _binary_instances(self, a: Any, b: Any, symbol: str) -> Any:
        names = {"+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "//": "__floordiv__", "%": "__mod__"}
        if isinstance(a, Instance) and names.get(symbol) in a.kind.methods and not isinstance(b, Instance):
            return self.call_function(a.kind.methods[names[symbol]], [a, b], {})
        raise Unsupported(f"the operator {symbol} on objects of a class")

    def _combine_sets(self, a: SSet, b: SSet, symbol: str) -> SSet:
        def inside(other: SSet, item: Any) -> bool:
            return self.path.decide(sequences.contains(self.path, other, item))

        if symbol == "|":
            items = list(a.items)
            items += [item for item in b.items if not inside(a, item)]
        elif symbol == "&":
            items = [item for item in a.items if inside(b, item)]
        else:
            items = [item for item in a.items if not inside(b, item)]
            if symbol == "^":
                items += [item for item in b.items if not inside(a, item)]
        return SSet(items, a.is_frozenset)

    def _value_BoolOp(self, node: ast.BoolOp, frame: Any) -> Any:
        conjunction = isinstance(node.op, ast.And)
        value = self.evaluate(node.values[0], frame)
        for position, part in enumerate(node.values[1:], 1):
            goes_on = self.truth(value) if conjunction else neg(self.truth(value))
            if goes_on is False:
                return value
            if goes_on is not True:
                rest = ast.BoolOp(node.op, node.values[position:]) if position < len(node.values) - 1 else part
                merged = self._merged_values(goes_on, rest, value, frame)
                if merged is not None:
                    return merged
                if not self.path.decide(goes_on):
                    return value
            value = self.evaluate(part, frame)
        return value

    def _merged_values(self, goes_on: Formula, rest: ast.expr, value: Any, frame: Any) -> Any:
        """`rest if goes_on else value` as one scalar, where that can be had without a fork."""
        if not isinstance(value, (Symbol, int, float)) or not self.pure(rest, frame):
            return None
        try:
            with self.path.supposing(goes_on):
                other = self.evaluate(rest, frame)
            return sequences.merge(goes_on, other, value)
        except (NeedsFork, Raised, Unsupported, PathEnd):
            return None

    def _value_Compare(self, node: ast.Compare, frame: Any) -> Any:
        return wrap_bool(self._compare(node, frame))

    def _value_IfExp(self, node: ast.IfExp, frame: Any) -> Any:
        test = self.condition(node.test, frame)
        if not isinstance(test, bool) and self.pure(node.body, frame) and self.pure(node.orelse, frame):
            try:
                with self.path.supposing(test):
                    yes = self.evaluate(node.body, frame)
                with self.path.supposing(neg(test)):
                    no = self.evaluate(node.orelse, frame)
                merged = sequences.merge(test, yes, no)
                if merged is not None:
                    return merged
            except (NeedsFork, Raised, Unsupported, PathEnd):
                pass
        return self.evaluate(node.body if self.path.decide(test) else node.orelse, frame)

    def _value_Lambda(self, node: ast.Lambda, frame: Any) -> Any:
        return self.define("<lambda>", node, frame)

    def _value_JoinedStr(self, node: ast.JoinedStr, frame: Any) -> Any:
        result: Any = ""
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None or part.conversion not in (-1, 115):
                    raise Unsupported("a format in an f-string", node.lineno)
                text = call_builtin(self, Builtin("str"), [self.evaluate(part.value, frame)], {}, node.lineno)
            else:
                text = self.evaluate(part, frame)
            result = self.binary(result, text, "+")
        return result

    def _value_Attribute(self, node: ast.Attribute, frame: Any) -> Any:
        return attribute(self, self.evaluate(node.value, frame), node.attr)

    def _value_Call(self, node: ast.Call, frame: Any) -> Any:
        if isinstance(node.func, ast.Name) and node.func.id == "old" and self.old is not None:
            return self.evaluate(node.args[0], Frame({}, _Both(self.old, frame), frozenset()))
        function = self.evaluate(node.func, frame)
        if (
            isinstance(function, Builtin)
            and function.name in ("all", "any", "sum", "min", "max")
            and len(node.args) == 1
            and isinstance(node.args[0], ast.GeneratorExp)
        ):
            return self._aggregate(function, node, node.args[0], frame)
        args = list(self._display(node.args, frame))
        kwargs: dict[str, Any] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise Unsupported("`**` in a call", node.lineno)
            kwargs[keyword.arg] = self.evaluate(keyword.value, frame)
        return self.call(function, args, kwargs, node.lineno)

    def _value_Subscript(self, node: ast.Subscript, frame: Any) -> Any:
        return self.item(self.evaluate(node.value, frame), self._key(node.slice, frame))

    def _key(self, node: ast.expr, frame: Any) -> Any:
        if isinstance(node, ast.Slice):
            return slice(
                *(None if part is None else self.evaluate(part, frame) for part in (node.lower, node.upper, node.step))
            )
        return self.evaluate(node, frame)

    def item(self, holder: Any, key: Any) -> Any:
        """`holder[key]`."""
        path = self.path
        elements = elements_of(holder)
        if isinstance(holder, sequences.SRange):
            elements = sequences.range_elements(path, holder)
        if elements is not None:
            if isinstance(key, slice):
                return sequences.rebuilt(holder, sequences.sliced(path, elements, key.start, key.stop, key.step))
            index = sequences.normal_index(path, key, elements.length, kind_of(holder))
            found = sequences.at(path, elements, index)
            return make_str(Fixed((found,))) if is_string(holder) else found
        if isinstance(holder, SDict):
            position = sequences.find_key(path, holder, key)
            if position >= 0:
                return holder.entries[position][1]
            if holder.default is not None:
                value = self.call(holder.default, [], {})
                self.store_item(holder, key, value)
                return value
            raise Raised(KeyError, "")
        if isinstance(holder, (Instance, Class, Builtin, Module)):
            raise Unsupported(f"indexing a {kind_of(holder)}")
        raise type_error(f"'{kind_of(holder)}' object is not subscriptable")

    def store_item(self, holder: Any, key: Any, value: Any) -> None:
        """`holder[key] = value`."""
        path = self.path
        if isinstance(holder, SDict):
            position = sequences.find_key(path, holder, key)
            holder.touch()
            if position >= 0:
                holder.entries[position] = (holder.entries[position][0], value)
            else:
                holder.entries.append((key, value))
        elif isinstance(holder, SList):
            if isinstance(key, slice):
                raise Unsupported("assignment to a slice")
            index = sequences.normal_index(path, key, holder.elements.length, "list assignment")
            holder.touch()
            holder.elements = self._with_item(holder.elements, index, value)
        elif isinstance(holder, (Instance, Class)):
            raise Unsupported(f"assignment to an item of a {kind_of(holder)}")
        else:
            raise type_error(f"'{kind_of(holder)}' object does not support item assignment")

    def _with_item(self, elements: Any, index: Any, value: Any) -> Any:
        path = self.path
        if isinstance(elements, Fixed):
            position = sequences.known_int(path, index, elements.length - 1)
            return Fixed((*elements.items[:position], value, *elements.items[position + 1 :]))
        if holds_mutable(value):
            raise Unsupported("mutable elements in a sequence of unbounded length")
        get = elements.get
        return Lazy(elements.length, lambda i: sequences.either(path, i == index, lambda: value, lambda: get(i)))

    def _delete_item(self, holder: Any, key: Any) -> None:
        if isinstance(holder, SDict):
            position = sequences.find_key(self.path, holder, key)
            if position < 0:
                raise Raised(KeyError, "")
            holder.touch()
            del holder.entries[position]
        elif isinstance(holder, SList) and not isinstance(key, slice):
            self.call(attribute(self, holder, "pop"), [key], {})
        else:
            raise Unsupported(f"`del` of an item of a {kind_of(holder)}")

    # -- comprehensions

    def _value_ListComp(self, node: ast.ListComp, frame: Any) -> Any:
        return SList(self.comprehension(node, lambda inner: self.evaluate(node.elt, inner), frame))

    def _value_GeneratorExp(self, node: ast.GeneratorExp, frame: Any) -> Any:
        # Evaluated at once. That differs from Python only where what it reads changes before it is used up.
        if not self.pure(node, frame):
            raise Unsupported("a generator with effects", node.lineno)
        try:
            return SIterator(self.comprehension(node, lambda inner: self.evaluate(node.elt, inner), frame))
        except Raised:
            raise Unsupported("a generator that raises", node.lineno) from None

    def _value_SetComp(self, node: ast.SetComp, frame: Any) -> Any:
        items: list[Any] = []
        for item in sequences.listed(
            self.path, SList(self.comprehension(node, lambda inner: self.evaluate(node.elt, inner), frame))
        ):
            sequences.add_to_set(self.path, items, item)
        return SSet(items)

    def _value_DictComp(self, node: ast.DictComp, frame: Any) -> Any:
        made = SDict([])
        pairs = self.comprehension(
            node, lambda inner: (self.evaluate(node.key, inner), self.evaluate(node.value, inner)), frame
        )
        if isinstance(pairs, Lazy):
            raise Unsupported("a dict comprehension over a sequence of unbounded length", node.lineno)
        for key, value in pairs.items:
            self.store_item(made, key, value)
        return made

    def comprehension(self, node: Any, element: Any, frame: Any) -> Fixed | Lazy:
        """The elements that a comprehension makes."""
        outer = sequences.iterated(self.path, self.evaluate(node.generators[0].iter, frame))
        if isinstance(outer, Lazy):
            return self._mapped(node, element, outer, frame)
        made: list[Any] = []
        inner = Frame({}, frame, _targets(node))
        self._generate(node.generators, 0, outer, element, inner, made)
        return Fixed(tuple(made))

    def _generate(
        self, generators: list[ast.comprehension], depth: int, elements: Fixed, element: Any, inner: Frame, made: list[Any]
    ) -> None:
        generator = generators[depth]
        if generator.is_async:
            raise Unsupported("an async comprehension")
        for item in elements.items:
            self.path.step()
            self.assign(generator.target, item, inner)
            if not all(self.path.decide(self.condition(test, inner)) for test in generator.ifs):
                continue
            if depth + 1 == len(generators):
                made.append(element(inner))
                continue
            deeper = sequences.iterated(self.path, self.evaluate(generators[depth + 1].iter, inner))
            if isinstance(deeper, Lazy):
                raise Unsupported("a comprehension over an inner sequence of unbounded length")
            self._generate(generators, depth + 1, deeper, element, inner, made)

    def _mapped(self, node: Any, element: Any, outer: Lazy, frame: Any) -> Lazy:
        """[f(x) for x in xs] of any length, where f can be a term; that f does not raise is shown once for all."""
        generator = node.generators[0]
        if len(node.generators) > 1 or generator.ifs or not self.pure(node, frame):
            raise Unsupported("a comprehension with conditions over a sequence of unbounded length", node.lineno)
        names = Frame(self._captured(node, frame), self.module, frozenset())

        def get(index: Any) -> Any:
            inner = Frame({}, names, _targets(node))
            self.assign(generator.target, outer.get(index), inner)
            return element(inner)

        index = sequences.bound(self.path)
        inside = conj(index >= 0, index < outer.length)

        def probe() -> Formula:
            try:
                get(index)
            except Raised:
                raise Unsupported(
                    "a comprehension that may raise, over a sequence of unbounded length", node.lineno
                ) from None
            return True

        sequences.below(self.path, inside, probe)
        return Lazy(outer.length, get)

    def _captured(self, node: ast.AST, frame: Any) -> dict[str, Any]:
        """The values that an expression reads, as they are now: it will be evaluated later, when they may have changed."""
        captured = {}
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                with contextlib.suppress(Raised):
                    captured[part.id] = copied(frame.lookup(part.id, part.lineno))
        return captured

    def _aggregate(self, function: Builtin, node: ast.Call, generator: ast.GeneratorExp, frame: Any) -> Any:
        """`all(P(x) for x in xs)` and its like, without making the list where that is not needed."""
        first = generator.generators[0]
        outer = sequences.iterated(self.path, self.evaluate(first.iter, frame))
        if isinstance(outer, Fixed):
            return self._aggregate_fixed(function, node, generator, outer, frame)
        if function.name not in ("all", "any"):
            if first.ifs or node.keywords:
                raise Unsupported(f"`{function.name}` with conditions over a sequence of unbounded length", node.lineno)
            made = self._mapped(generator, lambda inner: self.evaluate(generator.elt, inner), outer, frame)
            return self.call(function, [SList(made)], {}, node.lineno)
        if not self.pure(generator, frame):
            raise Unsupported(f"`{function.name}` of a call for elements of unbounded number", node.lineno)
        return wrap_bool(self._quantified(function.name == "all", generator, 0, outer, frame))

    def _quantified(self, universal: bool, node: ast.GeneratorExp, depth: int, outer: Fixed | Lazy, frame: Any) -> Formula:
        generator = node.generators[depth]
        if isinstance(outer, Fixed):
            parts = [self._quantified_body(universal, node, depth, item, frame) for item in outer.items]
            return conj(*parts) if universal else disj(*parts)
        index = sequences.bound(self.path)
        inside = conj(index >= 0, index < outer.length)
        join = sequences.for_all if universal else sequences.exists

        def body() -> Formula:
            try:
                return self._quantified_body(universal, node, depth, outer.get(index), frame)
            except Raised:
                raise Unsupported(
                    "a condition that may raise, for elements of unbounded number", generator.target.lineno
                ) from None

        return join(self.path, index, inside, body)

    def _quantified_body(self, universal: bool, node: ast.GeneratorExp, depth: int, item: Any, frame: Any) -> Formula:
        generator = node.generators[depth]
        inner = Frame({}, frame, _targets(node))
        self.assign(generator.target, item, inner)
        test = conj(*(self.condition(part, inner) for part in generator.ifs))
        if test is False:
            return universal

        def rest() -> Formula:
            if depth + 1 == len(node.generators):
                return self.condition(node.elt, inner)
            deeper = sequences.iterated(self.path, self.evaluate(node.generators[depth + 1].iter, inner))
            return self._quantified(universal, node, depth + 1, deeper, inner)

        if test is True:
            return rest()
        with self.path.supposing(test):
            holds = rest()
        return disj(neg(test), holds) if universal else conj(test, holds)

    def _aggregate_fixed(
        self, function: Builtin, node: ast.Call, generator: ast.GeneratorExp, outer: Fixed, frame: Any
    ) -> Any:
        if function.name not in ("all", "any"):
            inner, made = Frame({}, frame, _targets(generator)), []
            self._generate(generator.generators, 0, outer, lambda f: self.evaluate(generator.elt, f), inner, made)
            kwargs = {k.arg: self.evaluate(k.value, frame) for k in node.keywords if k.arg}
            return self.call(function, [SList(Fixed(tuple(made)))], kwargs, node.lineno)
        return wrap_bool(self._all_or_any(function.name == "all", generator, outer, 0, frame))

    def _all_or_any(self, universal: bool, generator: ast.GeneratorExp, outer: Fixed, start: int, frame: Any) -> Formula:
        """One element after the other, since the first that decides spares the rest, and what they would raise."""
        if start == outer.length:
            return universal
        if self.pure(generator, frame):
            try:
                with self.path.supposing(True):
                    one = self._quantified_body(universal, generator, 0, outer.items[start], frame)
            except (NeedsFork, Raised, Unsupported, PathEnd):
                one = self._forked_body(universal, generator, outer.items[start], frame)
        else:
            one = self._forked_body(universal, generator, outer.items[start], frame)
        goes_on = one if universal else neg(one)
        return self._and_then(
            goes_on, [generator], lambda: self._all_or_any(universal, generator, outer, start + 1, frame), universal, frame
        )

    def _forked_body(self, universal: bool, generator: ast.GeneratorExp, item: Any, frame: Any) -> Formula:
        inner, found = Frame({}, frame, _targets(generator)), []

        def test(f: Frame) -> None:
            if not found and self.path.decide(self.condition(generator.elt, f)) != universal:
                found.append(True)

        if len(generator.generators) > 1:
            raise Unsupported("nested generators with a condition that may raise", generator.lineno)
        self._generate(generator.generators, 0, Fixed((item,)), test, inner, [])
        return (not found) if universal else bool(found)


class _Both:
    """Names as they were before the call, and where there is none of that name, as they are."""

    def __init__(self, first: Any, second: Any) -> None:
        self.first, self.second = first, second

    def lookup(self, name: str, line: int) -> Any:
        return self.first.names[name] if name in self.first.names else self.second.lookup(name, line)


def _targets(node: Any) -> frozenset[str]:
    return frozenset(n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name))


def frozen(value: Any) -> Any:
    """A value that a default or a global keeps between calls: what would change it is outside the fragment."""
    if hasattr(value, "frozen"):
        value.frozen = True
        inner = [i for i in getattr(getattr(value, "elements", None), "items", ())]
        inner += [part for entry in getattr(value, "entries", ()) for part in entry]
        inner += list(getattr(value, "fields", {}).values())
        for item in inner:
            frozen(item)
    elif isinstance(value, tuple):
        for item in value:
            frozen(item)
    return value


def _construct(node: ast.AST) -> str:
    names = {
        "With": "`with`",
        "Match": "`match`",
        "Yield": "`yield`",
        "Await": "`await`",
        "Global": "`global`",
        "ClassDef": "a class in a function",
        "Starred": "a starred expression",
    }
    return names.get(type(node).__name__, f"the construct {type(node).__name__}")


def _host_exception(name: str) -> type[BaseException] | None:
    import builtins

    kind = getattr(builtins, name, None)
    return kind if isinstance(kind, type) and issubclass(kind, BaseException) else None


def _is_exception(kind: Class) -> bool:
    return any(
        (isinstance(b, Builtin) and _host_exception(b.name)) or (isinstance(b, Class) and _is_exception(b))
        for b in kind.bases
    )


def exception_is(kind: Any, base: Any) -> bool:
    """Whether an exception class is a subclass of another; either a host class or a Class of the module."""
    if isinstance(kind, type):
        return isinstance(base, type) and issubclass(kind, base)
    if kind is base:
        return True
    parents = [_host_exception(b.name) if isinstance(b, Builtin) else b for b in kind.bases]
    return any(exception_is(parent, base) for parent in parents if parent is not None)
