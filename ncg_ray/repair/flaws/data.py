"""Data that could run code: pickles, YAML, `eval`, `exec`, XML entities, names that choose objects.

Covers: data that JSON or literals can say. Does not cover: programs that are meant to run what they are given; those are
left, and named.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator

from ncg_ray.repair.flaws.place import Place
from ncg_ray.repair.resolve import literal
from ncg_ray.repair.source import Edit

_PICKLES = ("pickle", "cPickle", "_pickle", "dill", "cloudpickle", "marshal", "jsonpickle", "shelve", "joblib")

_LOADERS = ("Loader", "UnsafeLoader", "FullLoader", "CLoader", "CFullLoader", "CUnsafeLoader")
"Loaders of PyYAML that make objects."

EVALUATE = '''
_OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.USub: operator.neg, ast.UAdd: operator.pos,
}


def evaluate(expression, names=None):
    """The value of an expression of numbers, names and + - * / // %; ValueError for anything else."""
    def value(node):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return node.value
        if isinstance(node, ast.Name) and node.id in (names or {}):
            return names[node.id]
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](value(node.operand))
        raise ValueError("not an arithmetic expression")
    return value(ast.parse(expression, mode="eval").body)
'''


def yaml(place: Place) -> Iterator[Edit | None]:
    """The safe loader."""
    draft = place.draft
    for call in place.calls():
        name = place.names.qualified(call.func)
        if name in ("yaml.load", "yaml.load_all", "yaml.unsafe_load", "yaml.full_load", "yaml.unsafe_load_all",
                    "yaml.full_load_all"):
            loaders = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "Loader")]
            if any(place.names.qualified(v).rpartition(".")[2] not in _LOADERS for v in loaders):
                continue  # one of the program's own, with constructors that the safe one lacks
            new = "yaml.safe_load_all" if name.endswith("_all") else "yaml.safe_load"
            if isinstance(call.func, ast.Attribute):
                draft.put(call.func, f"{place.source.of(call.func.value)}.{new[5:]}")
            else:
                draft.put(call.func, draft.need("yaml", new[5:]))
            for argument in [*call.args[1:2], *(k for k in call.keywords if k.arg == "Loader")]:
                draft.drop_argument(call, argument)
        elif (isinstance(call.func, ast.Attribute) and call.func.attr == "YAML") or name.endswith(".YAML"):
            draft.keyword(call, "typ", '"safe"')
    yield place.done(draft, "safe YAML loader")
    draft = place.draft
    for node in place.nodes:
        if isinstance(node, ast.Attribute) and node.attr in _LOADERS:
            draft.put(node, f"{place.source.of(node.value)}.SafeLoader")
    yield place.done(draft, "safe YAML loader")


def pickle(place: Place) -> Iterator[Edit | None]:
    """JSON in the place of pickles, on both sides where this module writes them too."""
    for call in place.calls():
        name = place.names.qualified(call.func)
        if name.startswith(("torch.load", "numpy.load")) or name.endswith(".torch.load"):
            draft = place.draft
            if name.startswith("torch"):
                draft.keyword(call, "weights_only", "True")
            else:
                for keyword in call.keywords:
                    if keyword.arg == "allow_pickle":
                        draft.put(keyword.value, "False")
            yield place.done(draft, "loader that runs no code")
            return
    draft = place.draft
    files, written = _files(place)
    for call in place.calls(anywhere=True):
        name = place.names.qualified(call.func)
        module, _, function = name.rpartition(".")
        if module not in _PICKLES or function not in ("load", "loads", "dump", "dumps", "decode", "encode"):
            continue
        json = draft.need("json")
        of = [place.source.of(a) for a in call.args]
        if not of:
            continue
        if module == "jsonpickle":
            draft.put(call, f"{json}.{'loads' if function in ('decode', 'loads') else 'dumps'}({of[0]})")
        elif function == "dumps":
            draft.put(call, f'{json}.dumps({of[0]}).encode("utf-8")')
        elif function == "loads":
            draft.put(call.func, f"{json}.loads")
            for argument in [*call.args[1:], *call.keywords]:
                draft.drop_argument(call, argument)
        elif module == "joblib":
            continue
        elif function == "dump" and call not in written:
            return  # a file of bytes, which JSON cannot be written to
        else:
            draft.put(call.func, f"{json}.{function}")
            for argument in [*call.args[1 if function == "load" else 2:], *call.keywords]:
                draft.drop_argument(call, argument)
    for mode in files:
        draft.put(mode, literal(str(mode.value).replace("b", "t")))
    attributes = _objects(place)
    for attribute in attributes:
        draft.put(attribute, f'{place.source.of(attribute.value)}["{attribute.attr}"]')
    for call in place.called("pickle.Unpickler", "pickle.Pickler"):
        holder = place.source.parents.get(call)
        if isinstance(holder, ast.Attribute) and holder.attr == "load" and call.args:
            outer = place.source.parents.get(holder)
            if isinstance(outer, ast.Call):
                draft.put(outer, f"{draft.need('json')}.load({place.source.of(call.args[0])})")
    yield place.done(draft, "JSON instead of pickle")


def _objects(place: Place) -> list[ast.Attribute]:
    """Attributes of what jsonpickle gave: JSON has keys instead."""
    found = []
    for call in place.called("jsonpickle.decode", "jsonpickle.loads", anywhere=True):
        statement = place.source.parents.get(call)
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        name, function = statement.targets[0].id, place.source.function_of(call)
        found += [n for n in ast.walk(function or place.source.tree) if isinstance(n, ast.Attribute) and isinstance(
            n.value, ast.Name) and n.value.id == name and isinstance(n.ctx, ast.Load)
            and not isinstance(place.source.parents.get(n), ast.Call)]
    return found


def _files(place: Place) -> tuple[list[ast.Constant], list[ast.Call]]:
    """The modes of files that pickles are written to in `with open(...)`, and the calls that write there."""
    found, written = [], []
    for node in ast.walk(place.source.tree):
        if not isinstance(node, ast.With | ast.AsyncWith):
            continue
        uses = [c for c in ast.walk(node) if isinstance(c, ast.Call) and place.names.qualified(c.func) in (
            "pickle.dump", "marshal.dump", "dill.dump")]
        for item in node.items:
            call = item.context_expr
            if uses and isinstance(call, ast.Call):
                given = [*call.args[:2], *(k.value for k in call.keywords if k.arg == "mode")]
                modes = [m for m in given if isinstance(m, ast.Constant) and m.value in ("wb", "xb", "ab", "w+b")]
                found += modes
                written += uses if modes else []
    return found, written


def evaluation(place: Place) -> Iterator[Edit | None]:
    """Literals, or arithmetic where the names speak of it."""
    calls = [c for c in place.calls() if place.names.qualified(c.func) in ("eval", "builtins.eval") and c.args] or [
        c for c in ast.walk(place.function or place.source.tree) if isinstance(c, ast.Call)
        and place.names.qualified(c.func) == "eval" and c.args]
    for call in calls:
        words = " ".join([place.source.of(call.args[0]), place.function.name if place.function else ""]).lower()
        ways = [_literal_eval, _arithmetic]
        if re.search(r"expr|formula|calc|equation|arith|comput|math|sum|total", words):
            ways.reverse()
        for way in ways:
            yield way(place, call)
    yield from _assignments(place)


def _literal_eval(place: Place, call: ast.Call) -> Edit | None:
    draft = place.draft
    draft.put(call, f"{draft.need('ast')}.literal_eval({place.source.of(call.args[0])})")
    return place.done(draft, "literals instead of eval")


def _arithmetic(place: Place, call: ast.Call) -> Edit | None:
    draft = place.draft
    if draft.need("ast") != "ast" or draft.need("operator") != "operator":
        return None
    names = ""
    for scope in call.args[1:]:
        if not (isinstance(scope, ast.Dict) and (not scope.keys or all(isinstance(k, ast.Constant) and str(
                k.value).startswith("__") for k in scope.keys))):
            names = f", {place.source.of(scope)}"
    draft.put(call, f"{draft.helper('evaluate', EVALUATE)}({place.source.of(call.args[0])}{names})")
    function = place.source.function_of(call)
    for handler in [n for n in ast.walk(function) if isinstance(n, ast.ExceptHandler)] if function else []:
        if isinstance(handler.type, ast.Tuple) and not any(place.source.of(e) == "ValueError" for e in handler.type.elts):
            at = place.source.span(handler.type.elts[-1])[1]
            draft.cut(at, at, ", ValueError")
    return place.done(draft, "arithmetic instead of eval")


READ_ASSIGNMENTS = '''
def read_assignments(text):
    """The values of lines NAME = LITERAL, without running anything; ValueError for anything else."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if not isinstance(node, ast.Assign) or not all(isinstance(target, ast.Name) for target in node.targets):
            raise ValueError(f"line {node.lineno} is not NAME = LITERAL")
        for target in node.targets:
            found[target.id] = ast.literal_eval(node.value)
    return found
'''


def _assignments(place: Place) -> Iterator[Edit | None]:
    """`exec(text of settings, names)`: lines NAME = LITERAL are read and put into the same dictionary."""
    for call in place.called("exec"):
        statement = place.source.parents.get(call)
        if len(call.args) < 2 or not isinstance(statement, ast.Expr):
            continue
        scope = call.args[-1]
        text = call.args[0]
        if isinstance(text, ast.Call) and place.names.qualified(text.func) == "compile" and text.args:
            text = text.args[0]
        words = " ".join([place.source.of(text), place.function.name if place.function else ""]).lower()
        if not isinstance(scope, ast.Name | ast.Attribute) or not re.search(r"config|setting|option|prefs|param", words):
            continue
        draft = place.draft
        if draft.need("ast") != "ast":
            continue
        name = draft.helper("read_assignments", READ_ASSIGNMENTS)
        draft.put(call, f"{place.source.of(scope)}.update({name}({place.source.of(text)}))")
        yield place.done(draft, "settings read instead of run")


def reflection(place: Place) -> Iterator[Edit | None]:
    """`getattr(obj, name)`: public methods that the class itself names; modules: those that are imported already."""
    for call in place.called("getattr"):
        if len(call.args) < 2:
            continue
        owner, name = call.args[0], call.args[1]
        if isinstance(owner, ast.Name) and place.names.qualified(owner) in place.names.imported.values():
            continue  # the public functions of a module may do anything: `os.system`
        draft = place.draft
        refusal = place.refusal(draft, "this name is not allowed", 404)
        target = place.source.of(owner)
        helper = ALLOWED_NAME.format(refusal=refusal)
        draft.put(name, f"{draft.helper('check_name', helper)}({target}, {place.source.of(name)})")
        yield place.done(draft, "public methods only")
    for call in place.called("importlib.import_module", "__import__"):
        if not call.args:
            continue
        draft = place.draft
        draft.need("os", exact=True)
        refusal = place.refusal(draft, "this module is not allowed", 404)
        helper = ALLOWED_MODULE.format(refusal=refusal)
        draft.put(call.args[0], f"{draft.helper('check_module', helper)}({place.source.of(call.args[0])})")
        yield place.done(draft, "allow list of modules")
    draft = place.draft
    for call in place.called("globals", "locals", anywhere=True):
        parent = place.source.parents.get(call)
        if isinstance(parent, ast.Subscript):
            refusal = place.refusal(draft, "this name is not allowed", 404)
            draft.put(parent.slice, f"{draft.helper('check_public', ALLOWED_PUBLIC.format(refusal=refusal))}"
                                    f"({place.source.of(parent.slice)})")
        elif isinstance(parent, ast.Attribute) and parent.attr == "get":
            outer = place.source.parents.get(parent)
            if isinstance(outer, ast.Call) and outer.args:
                refusal = place.refusal(draft, "this name is not allowed", 404)
                draft.put(outer.args[0], f"{draft.helper('check_public', ALLOWED_PUBLIC.format(refusal=refusal))}"
                                         f"({place.source.of(outer.args[0])})")
    yield place.done(draft, "allow list of names")


ALLOWED_NAME = '''
def check_name(owner, name):
    """The name, where it is a public function of the owner's class or module."""
    kind = owner if isinstance(owner, type) or hasattr(owner, "__file__") else type(owner)
    if name.startswith("_") or not callable(getattr(kind, name, None)):
        {refusal}
    return name
'''
ALLOWED_MODULE = '''
ALLOWED_MODULES = frozenset(os.environ.get("ALLOWED_MODULES", "").split(",")) - {{""}}


def check_module(name):
    """The name, where the environment's ALLOWED_MODULES lists it."""
    if name not in ALLOWED_MODULES:
        {refusal}
    return name
'''
ALLOWED_PUBLIC = '''
def check_public(name):
    """The name, where it is a public function of this module."""
    value = globals().get(name)
    if name.startswith("_") or getattr(value, "__module__", None) != __name__:
        {refusal}
    return name
'''


def xml(place: Place) -> Iterator[Edit | None]:
    """Parsers without entities, DTDs and network; documents that define entities are refused before they are parsed."""
    draft = place.draft
    good = {"resolve_entities": "False", "no_network": "True", "load_dtd": "False", "dtd_validation": "False",
            "huge_tree": "False"}
    parsers = place.called("lxml.etree.XMLParser", "etree.XMLParser") or place.called(
        "lxml.etree.XMLParser", "etree.XMLParser", anywhere=True)
    for call in parsers:
        given = {k.arg: k for k in call.keywords}
        for name, value in good.items():
            if name in given and not (isinstance(given[name].value, ast.Constant) and str(
                    given[name].value.value) == value):  # type: ignore[attr-defined]
                draft.put(given[name].value, value)
        if "resolve_entities" not in given:
            draft.keyword(call, "resolve_entities", "False")
    yield place.done(draft, "XML parser without entities")
    draft = place.draft
    for call in place.called("lxml.etree.parse", "lxml.etree.fromstring", "lxml.etree.XML", "lxml.etree.iterparse",
                             "lxml.objectify.fromstring"):
        if len(call.args) == 1 and not any(k.arg == "parser" for k in call.keywords):
            if place.names.qualified(call.func).endswith("iterparse"):
                draft.keyword(call, "resolve_entities", "False")
            else:
                at = place.source.span(call.args[0])[1]
                is_plain = not place.names.qualified(call.func).startswith("lxml.objectify")
                module = draft.need("lxml", "etree" if is_plain else "objectify")
                maker = f"{module}.{'XMLParser' if is_plain else 'makeparser'}"
                draft.cut(at, at, f", {maker}(resolve_entities=False, no_network=True)")
    yield place.done(draft, "XML parser without entities")
    draft = place.draft
    for call in place.called(".setFeature", anywhere=True):
        names = [place.names.qualified(a).rpartition(".")[2] for a in call.args]
        statement = place.source.parents.get(call)
        if names and names[0] in ("feature_external_ges", "feature_external_pes") and isinstance(statement, ast.Expr):
            draft.put(call.args[1], "False")
    yield place.done(draft, "XML parser without entities")
    yield _without_entities(place)
    yield from _defused(place)


CHECK_ENTITIES = '''
def check_entities(document):
    """The document, where it defines no entities; ValueError otherwise. Without zeros UTF-16 reads as ASCII."""
    if b"<!ENTITY" in (document.encode("utf-8") if isinstance(document, str) else document).replace(b"\\0", b"").upper():
        raise ValueError("XML with entities is refused")
    return document
'''


def _without_entities(place: Place) -> Edit | None:
    draft = place.draft
    for call in [
        c for c in place.calls() if isinstance(c.func, ast.Attribute) and c.func.attr in ("parseString", "fromstring", "XML")
    ]:
        if call.args:
            name = draft.helper("check_entities", CHECK_ENTITIES)
            draft.put(call.args[0], f"{name}({place.source.of(call.args[0])})")
    return place.done(draft, "documents with entities refused")


_DEFUSED = {"xml.etree.ElementTree": "defusedxml.ElementTree", "xml.dom.minidom": "defusedxml.minidom",
            "xml.dom.pulldom": "defusedxml.pulldom", "xml.sax": "defusedxml.sax"}
_PARSING = frozenset({"parse", "iterparse", "fromstring", "XML", "XMLParser", "ParseError", "tostring", "parseString",
                      "make_parser"})
"What defusedxml has; trees are not made with it."


def _defused(place: Place) -> Iterator[Edit | None]:
    """defusedxml, which has the parsing functions of the standard library; where it is installed."""
    if importlib.util.find_spec("defusedxml") is None:
        return
    draft = place.draft
    for node in place.source.tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom) or len(node.names) != 1:
            continue
        alias = node.names[0]
        whole = alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        if isinstance(node, ast.ImportFrom) and node.module in _DEFUSED and alias.name in _PARSING:
            draft.put_statement(node, f"from {_DEFUSED[node.module]} import {ast.unparse(alias)}")
        elif whole in _DEFUSED and _only_parses(place, whole):
            new, name = _DEFUSED[whole], alias.asname or alias.name
            if alias.asname or isinstance(node, ast.ImportFrom):
                own = new.rpartition(".")[2]
                draft.put_statement(node, f"from defusedxml import {own}" + (f" as {name}" if name != own else ""))
            else:
                draft.put_statement(node, f"import {new}")
                for use in ast.walk(place.source.tree):
                    if isinstance(use, ast.Attribute) and ast.unparse(use) == whole:
                        draft.put(use, new)
    yield place.done(draft, "defusedxml")


def _only_parses(place: Place, module: str) -> bool:
    """Whether the module takes nothing from this one that defusedxml lacks."""
    return all(n.attr in _PARSING for n in ast.walk(place.source.tree) if isinstance(n, ast.Attribute)
               and place.names.qualified(n.value) == module)
