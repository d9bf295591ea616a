"""A `def` line as data: name, parameters, hints."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from typing import Any

from ncg_ray.errors import TaskError
from ncg_ray.task.values import parse_python
from ncg_ray.types import Example

_KINDS = inspect.Parameter


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `kind` is one of `inspect.Parameter`'s constants."""

    name: str
    kind: Any
    hint: str = ""
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function is called and takes. Hints and defaults are kept as source, never evaluated."""

    name: str
    params: tuple[Parameter, ...]
    returns: str = ""
    source: str = ""

    def text(self) -> str:
        """`def f(a: int, b=2) -> int`, normalised, without the colon."""
        return self.source

    @property
    def positional(self) -> tuple[Parameter, ...]:
        """The parameters that can be given by position, in order; `*args` is not among them."""
        return tuple(p for p in self.params if p.kind in (_KINDS.POSITIONAL_ONLY, _KINDS.POSITIONAL_OR_KEYWORD))

    @property
    def required(self) -> tuple[Parameter, ...]:
        """The parameters without a default; `*args` and `**kwargs` are not among them."""
        variadic = (_KINDS.VAR_POSITIONAL, _KINDS.VAR_KEYWORD)
        return tuple(p for p in self.params if p.default is None and p.kind not in variadic)

    @property
    def keyword_only(self) -> tuple[Parameter, ...]:
        """The parameters that can be given by keyword only; `**kwargs` is not among them."""
        return tuple(p for p in self.params if p.kind is _KINDS.KEYWORD_ONLY)

    def misfit(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        """Why a call does not bind, as Python would say it; empty where it does."""
        params = [_KINDS(p.name, p.kind, default=_KINDS.empty if p.default is None else p.default)
                  for p in self.params]
        try:
            inspect.Signature(params).bind(*args, **kwargs)
        except TypeError as error:
            return str(error)
        return ""

    def fits(self, example: Example) -> bool:
        """Whether the example's arguments bind to the parameters."""
        return not self.misfit(example.args, example.kwargs)


def parse_signature(text: str) -> Signature:
    """Read `def name(params) -> hint`, with or without the colon. Raises TaskError."""
    line = text.strip()
    tree = parse_python(line.rstrip(":").rstrip() + ":\n    pass\n")
    if tree is None or len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef):
        raise TaskError(f"signature {_short(line)} does not parse; write it as `def name(a: int, b: str) -> bool`")
    return signature_of(tree.body[0])


def open_signature(name: str) -> Signature:
    """A signature that takes any arguments, for a function of which only the name is known."""
    return parse_signature(f"def {name}(*args, **kwargs)")


def signature_of(node: ast.FunctionDef) -> Signature:
    """The signature of a parsed function."""
    spec = node.args
    positional = [*spec.posonlyargs, *spec.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(spec.defaults)) + list(spec.defaults)
    params = [_parameter(arg, _KINDS.POSITIONAL_ONLY if i < len(spec.posonlyargs) else _KINDS.POSITIONAL_OR_KEYWORD,
                         default) for i, (arg, default) in enumerate(zip(positional, defaults, strict=True))]
    if spec.vararg:
        params.append(_parameter(spec.vararg, _KINDS.VAR_POSITIONAL, None))
    params += [_parameter(arg, _KINDS.KEYWORD_ONLY, default)
               for arg, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]
    if spec.kwarg:
        params.append(_parameter(spec.kwarg, _KINDS.VAR_KEYWORD, None))
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    source = f"def {node.name}({ast.unparse(spec)}){returns}"
    return Signature(node.name, tuple(params), returns.removeprefix(" -> "), source)


def _parameter(arg: ast.arg, kind: Any, default: ast.expr | None) -> Parameter:
    hint = ast.unparse(arg.annotation) if arg.annotation else ""
    return Parameter(arg.arg, kind, hint, ast.unparse(default) if default is not None else None)


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
