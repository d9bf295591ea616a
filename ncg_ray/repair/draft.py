"""An edit in the making: places that change, statements and functions that are added, imports that it needs.

Imports are added once, in the order of the module's own, and under another name where the module uses the name already.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap

from ncg_ray.repair.source import Edit, Source, is_docstring


class Draft:
    """Collects the changes of one edit.

    Example:
        >>> source = Source("def same(a, b):\\n    return a == b\\n")
        >>> draft = Draft(source)
        >>> compare = source.tree.body[0].body[0].value
        >>> draft.put(compare, f"{draft.need('hmac')}.compare_digest(a, b)")
        >>> draft.edit("comparison", 2).apply(source.text).split("\\n")[0]
        'import hmac'
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._changes: list[tuple[int, int, str]] = []
        self._imports: dict[tuple[str, str], str] = {}
        self._helpers: dict[str, str] = {}
        self._given: dict[bool, set[str]] = {}
        self._is_blocked = False
        "Whether the edit needs something that cannot be had at its place."

    def put(self, node: ast.expr, new: str, atomic: bool = True) -> None:
        """Put `new` in the place of an expression."""
        self._changes.append(self.source.replacement(node, new, atomic))

    def cut(self, start: int, end: int, new: str = "") -> None:
        """Put `new` in the place of characters."""
        self._changes.append((start, end, new))

    def put_statement(self, statement: ast.stmt, new: str) -> None:
        """Put whole lines in the place of a statement; `new` is written without its indentation."""
        start, end = self.source.span(statement)
        blanks = self.source.indent(statement)
        self._changes.append((start, end, textwrap.indent(new, blanks)[len(blanks):].rstrip("\n")))

    def before(self, statement: ast.stmt, new: str) -> None:
        """Add lines in front of a statement."""
        start, _ = self.source.lines_span([statement])
        line = self.source.text.rfind("\n", 0, self.source.span(statement)[0]) + 1
        self._is_blocked |= bool(self.source.text[line:self.source.span(statement)[0]].strip())  # `if x: statement`
        self._changes.append((start, start, textwrap.indent(new.rstrip("\n"), self.source.indent(statement)) + "\n"))

    def after(self, statement: ast.stmt, new: str) -> None:
        """Add lines behind a statement."""
        _, end = self.source.lines_span([statement])
        self._is_blocked |= not self.source.is_alone(statement)
        lead = "" if self.source.text[:end].endswith("\n") else "\n"
        self._changes.append((end, end, lead + textwrap.indent(new.rstrip("\n"), self.source.indent(statement)) + "\n"))

    def remove(self, statement: ast.stmt) -> None:
        """Take a statement out; `pass` stays where it is the only one of its block."""
        parent = self.source.parents.get(statement)
        block = next((getattr(parent, name) for name in ("body", "orelse", "finalbody")
                      if statement in (getattr(parent, name, None) or [])), [])
        if (len(block) == 1 and not isinstance(parent, ast.Module)) or not self.source.is_alone(statement):
            self.put_statement(statement, "pass")
        else:
            self._changes.append((*self.source.lines_span([statement]), ""))

    def keyword(self, call: ast.Call, name: str, value: str) -> None:
        """Set a keyword argument of a call; no edit where `**` may hold it already."""
        for keyword in call.keywords:
            if keyword.arg == name:
                self.put(keyword.value, value)
                return
        _, end = self.source.span(call)
        text = self.source.text
        if any(keyword.arg is None for keyword in call.keywords):
            self._is_blocked = True
            return
        if call.args and isinstance(call.args[0], ast.GeneratorExp) and self.source.span(call.args[0])[1] == end:
            self.cut(self.source.span(call.args[0])[0], end, f"({self.source.of(call.args[0])}, {name}={value})")
            return
        last = max([self.source.span(a)[1] for a in [*call.args, *(k.value for k in call.keywords)]], default=0)
        if not last:
            self._changes.append((end - 1, end - 1, f"{name}={value}"))
            return
        while not text[last:end - 1].lstrip().startswith(",") and text[last:end - 1].strip().startswith(")"):
            last = text.index(")", last) + 1  # an argument in parentheses
        rest = text[last:end - 1]
        if rest.lstrip().startswith(","):
            at = last + rest.index(",") + 1
            if "\n" in rest:
                first = [*call.args, *(k.value for k in call.keywords)][-1]
                line = text[:self.source.span(first)[0]].rpartition("\n")[2]
                blanks = line[:len(line) - len(line.lstrip())]
                self._changes.append((at, at, f"\n{blanks}{name}={value},"))
            else:
                self._changes.append((at, at, f" {name}={value}"))
        else:
            self._changes.append((last, last, f", {name}={value}"))

    def drop_argument(self, call: ast.Call, argument: ast.expr | ast.keyword) -> None:
        """Take an argument out of a call, with its comma."""
        spans = sorted([(self.source.span(a), a) for a in call.args] + [(
            (self.source.offset(k.lineno, k.col_offset), self.source.span(k.value)[1]), k) for k in call.keywords],
            key=lambda row: row[0])
        index = next(i for i, (_, node) in enumerate(spans) if node is argument)
        start, end = spans[index][0]
        if index:
            comma = max(at for at, _, text in self.source.tokens if text == "," and at < start)
            self._changes.append((comma, end, ""))
        elif len(spans) > 1:
            self._changes.append((start, spans[1][0][0], ""))
        else:
            _, close = self.source.span(call)
            self._changes.append((start, close - 1, ""))

    def need(self, module: str, name: str = "", exact: bool = False) -> str:
        """Import a module, or a name of it, and return how to write it.

        Args:
            exact: under its own name, as the text of a helper writes it; no edit where that is another thing's.
        """
        wanted = name or module
        if exact not in self._given:
            self._given[exact] = _given(self.source, top_only=exact)
        hidden = self._given[exact]
        for node in self.source.tree.body:
            matches = (isinstance(node, ast.Import) and not name) or (
                isinstance(node, ast.ImportFrom) and name and node.module == module and not node.level)
            for alias in node.names if matches else ():  # type: ignore[attr-defined]
                written = alias.asname or alias.name
                if alias.name == wanted and written.split(".")[0] not in hidden and (written == wanted or not exact):
                    return written
        if (module, name) not in self._imports:
            top = wanted.split(".")[0]
            other = top in hidden or (
                top in _imported(self.source.tree) and not _is_package(self.source.tree, top, module))
            self._is_blocked |= exact and other
            self._imports[module, name] = f"{wanted.replace('.', '_')}_module" if other else wanted
        self._is_blocked |= exact and self._imports[module, name] != wanted
        return self._imports[module, name]

    def helper(self, name: str, text: str) -> str:
        """Add functions and constants to the module, once, and return how `name` is written.

        Where the module has one of their names for something of its own, all of them get the same ending.
        """
        text = text.strip("\n")
        tree = ast.parse(text)
        names = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)} | {
            t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
        taken = _given(self.source) | _imported(self.source.tree)
        for ending in ("", "_2", "_3"):
            made = re.sub(rf"\b({'|'.join(names)})\b", rf"\1{ending}", text)
            if made in self.source.text or self._helpers.get(name + ending) == made:
                return name + ending
            if not taken & {n + ending for n in names}:
                self._helpers[name + ending] = made
                return name + ending
        self._is_blocked = True
        return name

    def edit(self, template: str, line: int, prior: float = 1.0) -> Edit | None:
        """All of it as one Edit; None where two changes overlap or nothing changes."""
        changes = sorted([*self._import_changes(), *self._helper_changes(), *dict.fromkeys(self._changes)],
                         key=lambda change: change[:2])
        if self._is_blocked or not self._changes or any(a[1] > b[0] for a, b in zip(changes, changes[1:], strict=False)):
            return None
        return Edit(tuple(changes), template, line, prior)

    # -- where imports and functions go

    def _import_changes(self) -> list[tuple[int, int, str]]:
        body = self.source.tree.body
        first = next((n for n, node in enumerate(body) if not is_docstring(node)), len(body))
        limit = self._limit()
        imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)
                   and self.source.lines_span([node])[0] < limit]
        future = [n for n in imports if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
        usual = [node for node in imports if node not in future]
        found = []
        joined: dict[ast.ImportFrom, list[str]] = {}
        for (module, name), written in sorted(self._imports.items()):
            same = next((n for n in usual if isinstance(n, ast.ImportFrom) and n.module == module and not n.level and name
                         and n.lineno == n.end_lineno and n.names[0].name != "*" and "(" not in self.source.of(n)
                         and written == name), None)
            if same is not None:
                joined.setdefault(same, []).append(name)
                continue
            alias = "" if written == (name or module) else f" as {written}"
            line = f"from {module} import {name}{alias}\n" if name else f"import {module}{alias}\n"
            own = _key(module, bool(name))
            earlier = [node for node in usual if _key_of(node) <= own]
            if earlier and _key_of(earlier[-1])[0] == own[0]:
                at = self.source.lines_span([earlier[-1]])[1]
                found.append((at, at, line))
            elif usual:
                later = next((node for node in usual if _key_of(node) > own), None)
                if later is not None:
                    at = self.source.lines_span([later])[0]
                    found.append((at, at, line if _key_of(later)[0] == own[0] else line + "\n"))
                else:
                    at = self.source.lines_span([usual[-1]])[1]
                    found.append((at, at, "\n" + line))
            elif future:
                at = self.source.lines_span([future[-1]])[1]
                found.append((at, at, "\n" + line))
            elif first < len(body):
                at = self.source.lines_span([body[first]])[0]
                found.append((at, at, line))
        return [*self._merged(found), *(self._extended(node, names) for node, names in joined.items())]

    def _extended(self, node: ast.ImportFrom, names: list[str]) -> tuple[int, int, str]:
        """`from x import a` with further names, in order where the old ones are."""
        old = [ast.unparse(alias) for alias in node.names]
        new = sorted([*old, *names], key=lambda n: (not n.isupper(), not n[:1].isupper(), n)) if old == sorted(
            old, key=lambda n: (not n.isupper(), not n[:1].isupper(), n)) else [*old, *names]
        return (*self.source.span(node), f"from {node.module} import {', '.join(new)}")

    def _merged(self, found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """Imports that meet at one place stand together, with blank lines behind them where code follows."""
        at: dict[int, list[str]] = {}
        for start, _, line in found:
            at.setdefault(start, []).append(line)
        rows = []
        for start, lines in at.items():
            text = "".join(line.strip("\n") + "\n" for line in lines)
            if any(line.startswith("\n") for line in lines):
                text = "\n" + text
            if any(line.endswith("\n\n") for line in lines):
                text += "\n"
            following = self.source.text[start:].lstrip("\n")
            if not following.startswith(("import ", "from ")) and not self.source.text[start:].startswith("\n"):
                text += "\n\n" if following.startswith(("def ", "class ", "@", "async ")) else "\n"
            rows.append((start, start, text))
        return rows

    def _helper_changes(self) -> list[tuple[int, int, str]]:
        if not self._helpers:
            return []
        text = "".join(f"{helper}\n\n\n" for helper in self._helpers.values())
        return [(self._limit(), self._limit(), text)]

    def _limit(self) -> int:
        """Where what is added has to be known: the first function or class, or the first statement that changes."""
        changed = min((start for start, _, _ in self._changes), default=len(self.source.text))
        for node in self.source.tree.body:
            start, end = self.source.lines_span([node])
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or (
                    end > changed and not is_docstring(node) and not isinstance(node, ast.Import | ast.ImportFrom)):
                return start
        return len(self.source.text)


def _key(module: str, is_from: bool) -> tuple[int, bool, str]:
    """How imports are ordered: the standard library first, `import` before `from`."""
    top = module.split(".")[0]
    return 0 if top in sys.stdlib_module_names else 1 if module else 2, is_from, module


def _key_of(node: ast.Import | ast.ImportFrom) -> tuple[int, bool, str]:
    if isinstance(node, ast.Import):
        return _key(node.names[0].name, False)
    return _key("" if node.level else node.module or "", True)


def _imported(tree: ast.Module) -> set[str]:
    """Every name that an import binds."""
    return {(a.asname or a.name).split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)
            for a in n.names}


def _is_package(tree: ast.Module, top: str, module: str) -> bool:
    """Whether this name is the package of a module at the module's top: `import os.path` binds `os`."""
    return top == module.split(".")[0] and any(
        a.name.split(".")[0] == top and not a.asname for n in tree.body if isinstance(n, ast.Import) for a in n.names)


def _given(source: Source, top_only: bool = False) -> set[str]:
    """Every name that the module, or a function of it, gives to something that is no import."""
    found = set()
    for node in ast.walk(source.tree):
        name = ""
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        elif isinstance(node, ast.arg):
            name = node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = node.name
        if name and not (top_only and (isinstance(node, ast.arg) or source.function_of(node) is not None)):
            found.add(name)
    return found


def without_unused_imports(before: str, after: str) -> str:
    """The new text without the imports that the old one used and the new one does not."""
    try:
        old, new = Source(before), Source(after)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return after
    draft = Draft(new)
    was, now = _used(old.tree), _used(new.tree)
    for node in new.tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom) or getattr(node, "module", "") == "__future__":
            continue
        names = [(a.asname or a.name).split(".")[0] for a in node.names]
        dead = [name for name in names if name in was and name not in now]
        if dead and len(dead) == len(names):
            draft.remove(node)
        elif dead and isinstance(node, ast.ImportFrom):
            kept = [ast.unparse(a) for a, name in zip(node.names, names, strict=True) if name not in dead]
            draft.put_statement(node, f"from {'.' * node.level}{node.module or ''} import {', '.join(kept)}")
    edit = draft.edit("imports", 1)
    if edit is None:
        return after
    text = edit.apply(after)
    return text if before.startswith("\n") else text.lstrip("\n")


def _used(tree: ast.Module) -> set[str]:
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return names | {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
