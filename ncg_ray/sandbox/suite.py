"""Test code as units: one for each top-level assert, for each assert of `check`, and for each test function.

`parse` and `count` run on the host, `Suite` inside the sandbox that holds the tests; standard library only.
"""

import ast
import inspect

FILENAME = "tests.py"
LINE_CHARS = 500
UNIT = "__ncg_unit__"


def parse(source):
    """The statements of the tests; a `__main__` guard gives way to its body. Raises SyntaxError or ValueError."""
    body = []
    for node in ast.parse(source, FILENAME).body:
        guarded = isinstance(node, ast.If) and "__name__" in {n.id for n in ast.walk(node.test) if type(n) is ast.Name}
        body += node.body if guarded else [node]
    if any(is_test(node) for node in body):  # then a runner such as `unittest.main()` is not wanted
        body = [node for node in body if not (isinstance(node, ast.Expr) and ast.unparse(node).endswith(".main()"))]
    return body


def is_unit(node):
    """An assert, or a block with an assert or an expected exception in it."""
    if isinstance(node, ast.Assert):
        return True
    blocks = (ast.For, ast.While, ast.If, ast.With, ast.Try)
    return isinstance(node, blocks) and any(_checks(inner) for inner in _walk_here(node))


def _checks(node):
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("raises", "fail")
    return isinstance(node, ast.Assert)


def _walk_here(node):
    """The node and what is in it, but not what functions and classes hold."""
    yield node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
        return
    for child in ast.iter_child_nodes(node):
        yield from _walk_here(child)


def is_check(node):
    """A `check(candidate)` function."""
    return isinstance(node, ast.FunctionDef) and node.name == "check" and bool(node.args.args)


def is_test(node):
    """A test function, or a class of them."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return node.name.startswith("test") and not _is_fixture(node)
    return isinstance(node, ast.ClassDef) and any(
        isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and inner.name.startswith("test")
        for inner in node.body)


def _is_fixture(node):
    return any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list)


def calls_check(body):
    return any(isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check"
               for statement in body if not is_check(statement) for node in ast.walk(statement))


def count(body):
    """How many units there are, as far as the text tells (parametrised functions count once)."""
    in_check = sum(max(1, sum(map(is_unit, node.body))) for node in body if is_check(node))
    num_calls = sum(_is_check_call(node) for node in body) or 1
    return sum(map(is_unit, body)) + in_check * num_calls + sum(
        sum(inner.name.startswith("test") for inner in node.body if hasattr(inner, "name"))
        if isinstance(node, ast.ClassDef) else 1 for node in body if is_test(node))


def names(body):
    """Every name that the tests read."""
    return {node.id for statement in body for node in ast.walk(statement) if isinstance(node, ast.Name)}


def attributes(body):
    """Every attribute that the tests read: what they take from a module that they import."""
    tree = [node for statement in body for node in ast.walk(statement)]
    return {node.attr for node in tree if isinstance(node, ast.Attribute)} | {
        alias.name for node in tree if isinstance(node, ast.ImportFrom) for alias in node.names}


def helpers(context):
    """Every name that the task's own source binds; not a function without a body, which is still to be written."""
    try:
        body = ast.parse(context).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {name for statement in body for node in _walk_here(statement) for name in _bound(node)}


def _bound(node):
    """Names that one statement or target binds."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [] if all(isinstance(inner, (ast.Pass, ast.Raise)) or (
            isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant)) for inner in node.body) else [node.name]
    if isinstance(node, ast.ClassDef):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    return [node.id] if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else []


def needs_pytest(body):
    return any((isinstance(node, ast.Import) and any(a.name.split(".")[0] == "pytest" for a in node.names))
               or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pytest")
               for statement in body for node in ast.walk(statement))


def _is_check_call(node):
    return (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Name) and node.value.func.id == "check")


class BrokenTests(Exception):
    """The test code itself is at fault; `args` are the line number and what is wrong."""


class Suite:
    """Runs test code in `namespace` and reports each unit through `emit(passed, line_text, error)`.

    `num_calls()` says how often the function under test was called so far; while it is 0, a statement that fails
    without help from the candidate's names is the tests' own fault.
    """

    def __init__(self, source, namespace, given, emit, num_calls):
        self.source, self.namespace, self.given = source, namespace, given
        self.emit, self.num_calls = emit, num_calls
        self.body = parse(source)
        self.fixtures = {}
        self.reached = None
        namespace[UNIT] = lambda index: _Unit(self, index)

    def run(self):
        """Run everything, in order. Raises BrokenTests."""
        check_called = calls_check(self.body)
        for node in self.body:
            if is_unit(node):
                self.unit(lambda node=node: self.execute(node))
            elif is_check(node):
                self.execute(self.split(node))
                self.num_in_check = sum(map(is_unit, node.body))
            elif _is_check_call(node) and hasattr(self, "num_in_check"):
                self.check(lambda node=node: self.execute(node))
            else:
                self.statement(node)
        if hasattr(self, "num_in_check") and not check_called:
            self.check(lambda: self.namespace["check"](self.namespace["candidate"]))
        for node in self.body:
            if is_test(node) and node.name in self.namespace:
                try:
                    self.test(node)
                except BrokenTests:
                    raise
                except Exception as error:  # around the tests: a constructor, `setup_method`, `parametrize`
                    self.around(node, error)

    def unit(self, run):
        try:
            run()
        except BaseException as error:
            if not _skips(error):
                self.failed(error)
        else:
            self.emit(True, "", None)

    def check(self, run):
        """One call of `check`; what it did not reach because of an exception has failed."""
        self.reached = set()
        try:
            run()
        except BaseException as error:
            for _ in range(max(1, self.num_in_check - len(self.reached))):
                self.failed(error)
        else:
            if not self.num_in_check:
                self.emit(True, "", None)
        self.reached = None

    def statement(self, node):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and _is_fixture(node):
            node.decorator_list = []
            self.fixtures[node.name] = node.lineno
        try:
            self.execute(node)
        except BaseException as error:
            self.around(node, error)

    def around(self, node, error):
        """An error outside of the units: the tests' own fault, where the candidate cannot have had a part in it."""
        given = {name for name in names([node]) & self.given if not hasattr(type(self.namespace.get(name)), "is_proxy")}
        if self.num_calls() or given or isinstance(error, NameError):  # a function that was not called did nothing
            self.failed(error)
        else:
            raise BrokenTests(self.line_number(error) or node.lineno, f"{type(error).__name__}: {error}") from None

    def test(self, node):
        target = self.namespace[node.name]
        if not isinstance(node, ast.ClassDef):
            return self.function(node.name, target, node.lineno)
        for inner in node.body:
            if not (hasattr(inner, "name") and inner.name.startswith("test")):
                continue
            if hasattr(target, "debug"):  # unittest.TestCase: set-up, test and tear-down, exceptions let through
                self.unit(target(inner.name).debug)
                continue
            instance = target()
            getattr(instance, "setup_method", lambda *_: None)(*[inner.name][:_num_required(instance)])
            self.function(inner.name, getattr(instance, inner.name), inner.lineno)

    def function(self, name, function, line):
        """One test function, once for each set of parameters."""
        marks = getattr(function, "pytestmark", [])
        if any(mark.name == "skip" for mark in marks):
            return
        rows = [{}]
        for mark in reversed([mark for mark in marks if mark.name == "parametrize"]):
            keys = mark.args[0]
            keys = [key.strip() for key in keys.split(",")] if isinstance(keys, str) else list(keys)
            values = mark.args[1] if len(mark.args) > 1 else mark.kwargs["argvalues"]
            sets = [_values(value, len(keys)) for value in values]
            rows = [{**row, **dict(zip(keys, one, strict=True))} for row in rows for one in sets]
        wanted = [p.name for p in inspect.signature(function).parameters.values() if p.default is p.empty
                  and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        for row in rows:
            for key in wanted:
                if key not in row and key not in self.fixtures and key != "candidate":
                    raise BrokenTests(line, f"{name} wants {key!r}, which is neither a parameter nor a fixture here")
            self.unit(lambda row=row: self.finish(function(**{k: row[k] if k in row else self.value(k)
                                                              for k in wanted})))

    def value(self, name):
        if name not in self.fixtures:
            return self.namespace[name]
        function = self.namespace[name]
        made = function(**{key: self.value(key) for key in inspect.signature(function).parameters})
        return next(made) if inspect.isgenerator(made) else made

    def finish(self, result):
        if inspect.iscoroutine(result):
            import asyncio
            asyncio.run(result)

    def split(self, node):
        """`check` with each of its asserts in a `with` of its own, so that one that fails does not stop the rest."""
        wrapped = []
        for statement in node.body:
            if is_unit(statement):
                call = ast.Call(ast.Name(UNIT, ast.Load()), [ast.Constant(len(wrapped))], [])
                statement = ast.copy_location(ast.With([ast.withitem(call)], [statement]), statement)
            wrapped.append(statement)
        node.body = wrapped
        return ast.fix_missing_locations(node)

    def execute(self, node):
        exec(compile(ast.Module([node], []), FILENAME, "exec", dont_inherit=True), self.namespace)

    def failed(self, error):
        self.emit(False, self.line_text(self.line_number(error)), error)

    def line_number(self, error):
        trace, number = error.__traceback__, 0
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == FILENAME:
                number = trace.tb_lineno
            trace = trace.tb_next
        return number or (getattr(error, "lineno", 0) or 0)

    def line_text(self, number):
        """The innermost statement that holds this line, on one line."""
        best = None
        for statement in self.body:
            for node in ast.walk(statement):
                if isinstance(node, ast.stmt) and node.lineno <= number <= (node.end_lineno or 0):
                    best = node
        text = ast.get_source_segment(self.source, best) if best is not None else ""
        return " ".join((text or "").split())[:LINE_CHARS]


class _Unit:
    """Around one assert of `check`."""

    def __init__(self, suite, index):
        self.suite, self.index = suite, index

    def __enter__(self):
        if self.suite.reached is not None:
            self.suite.reached.add(self.index)

    def __exit__(self, kind, error, trace):
        if error is None:
            self.suite.emit(True, "", None)
        elif not _skips(error):
            self.suite.failed(error)
        return True


def _skips(error):
    """Whether a test skipped itself. The module counts, too: a candidate may raise something of the same name."""
    return (type(error).__module__, type(error).__name__) in (("_pytest.outcomes", "Skipped"), ("unittest.case", "SkipTest"))


def _values(value, num):
    value = getattr(value, "values", value) if type(value).__name__ == "ParameterSet" else (
        (value,) if num == 1 else value)
    return tuple(value)


def _num_required(instance):
    method = getattr(instance, "setup_method", None)
    return len(inspect.signature(method).parameters) if method else 0
