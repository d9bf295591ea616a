"""What a run is asked to tell about itself beside its results: lines and branches reached, values at block boundaries.

Lives in the zygote. A candidate owns the process and may falsify all of it: it guides a repair and never judges.
Coverage is slipcover's (mounted at /site); values come from a trace function, so a watched run is some ten times slower.
"""

import ast
import sys

SITE = "/site"
FIRST, LAST = 5, 5
"Visits of a block whose values are kept: so many from the beginning, so many from the end."
MAX_BLOCKS, MAX_NAMES, MAX_CHARS = 200, 20, 120


class Observer:
    """Compiles the module so that it can be watched, and tells what was seen."""

    def __init__(self, filename, coverage, values):
        self.filename, self.tool, self.values = filename, None, values
        self.starts, self.blocks, self.problem = {}, {}, ""
        if coverage:
            sys.path.insert(0, SITE)
            try:
                import slipcover
                self.tool = slipcover.Slipcover(branch=True)
            except ImportError as error:
                self.problem = f"no coverage: {error}"
            finally:
                sys.path.remove(SITE)

    def compile(self, code):
        tree = ast.parse(code)
        if self.values:
            self.starts = dict(block_starts(tree))
        if self.tool is None:
            return compile(code, self.filename, "exec", dont_inherit=True)
        from slipcover import branch
        program = compile(branch.preinstrument(tree), self.filename, "exec", dont_inherit=True)
        return self.tool.instrument(program)

    def watching(self, call):
        """Make the call under the trace function, where values are asked for."""
        if not self.values:
            return call()
        sys.settrace(self.on_call)
        try:
            return call()
        finally:
            sys.settrace(None)

    def on_call(self, frame, event, arg):
        if frame.f_code.co_filename != self.filename:
            return None
        return self.on_event

    def on_event(self, frame, event, arg):
        line = frame.f_lineno
        if event == "return":
            self.note(line, frame, {"return": short(arg)})
        elif event == "line" and line in self.starts:
            self.note(line, frame, {})
        return self.on_event

    def note(self, line, frame, extra):
        key = (line, frame.f_code.co_name, bool(extra))
        if key not in self.blocks:
            if len(self.blocks) >= MAX_BLOCKS:
                return
            self.blocks[key] = [0, [], []]
        block = self.blocks[key]
        block[0] += 1
        names = list(frame.f_locals.items())[:MAX_NAMES]
        values = {str(name)[:MAX_CHARS]: short(value) for name, value in names} | extra
        if block[0] <= FIRST:
            block[1].append(values)
        else:
            block[2] = [*block[2][1 - LAST:], values]

    def report(self):
        """JSON-ready: `lines`, `missing_lines`, `branches`, `missing_branches`, `values`, `problem`."""
        found = {"lines": [], "missing_lines": [], "branches": [], "missing_branches": [], "problem": self.problem}
        if self.tool is not None:
            files = self.tool.get_coverage()["files"]
            for file in files.values():
                found["lines"] += file["executed_lines"]
                found["missing_lines"] += file["missing_lines"]
                found["branches"] += [list(b) for b in file["executed_branches"]]
                found["missing_branches"] += [list(b) for b in file["missing_branches"]]
        found["values"] = [
            {"line": line, "function": function, "at": "return" if is_return else self.starts.get(line, "block"),
             "num_visits": count, "first": first, "last": last}
            for (line, function, is_return), (count, first, last) in self.blocks.items()]
        return found


def block_starts(tree):
    """(line, what begins there) of every basic block that a branch, a loop or a function opens."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.While, ast.AsyncFor)):
            yield node.lineno, "loop"
        for name in ("body", "orelse", "finalbody", "handlers"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body and not isinstance(node, ast.Module):
                first = body[0].body[0] if isinstance(body[0], ast.ExceptHandler) else body[0]
                yield first.lineno, "block"


def short(value):
    try:
        text = repr(value)
    except BaseException as error:
        return f"<{type(error).__name__} in repr>"
    return text if len(text) <= MAX_CHARS else text[:MAX_CHARS] + "..."
