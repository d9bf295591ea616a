"""A neuro-symbolic code generator on Ray: code, a verdict that can be trusted, and the evidence.

    >>> import ncg_ray
    >>> ncg_ray.generate("reverse the words of a sentence").code  # doctest: +SKIP

`generate`, `check`, `verify`, `repair`, `evaluate` and `demo` start what they need; inside `with ncg_ray.session(): ...`
they share it. `scan` needs nothing. `solve` is the loop itself, on parts of your own. Names load when they are first used:
importing this package loads nothing.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ncg_ray.api import check, demo, evaluate, generate, repair, scan, session, verify
    from ncg_ray.config import Config
    from ncg_ray.errors import NCGError
    from ncg_ray.pipeline import Parts, solve
    from ncg_ray.types import Example, Task, Trace

__version__ = "0.1.0"

__all__ = ["Config", "Example", "NCGError", "Parts", "Task", "Trace", "__version__", "check", "demo", "evaluate", "generate",
           "repair", "scan", "session", "solve", "verify"]

_HOMES = {"check": "api", "Config": "config", "Example": "types", "NCGError": "errors", "Parts": "pipeline", "Task": "types",
          "Trace": "types", "scan": "api", "session": "api", "solve": "pipeline"}
_VERBS = frozenset({"demo", "evaluate", "generate", "repair", "verify"})
"Submodules that users also call: `ncg_ray.generate(task)` is `ncg_ray.api.generate(task)`."


class _Module(ModuleType):
    """A module that pickles by name, as plain ones do under cloudpickle: users' remote functions refer to us."""

    def __reduce__(self) -> tuple[Any, ...]:
        return importlib.import_module, (self.__name__,)


class _Verb(_Module):
    """A submodule that can be called."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(importlib.import_module("ncg_ray.api"), self.__name__.rpartition(".")[2])(*args, **kwargs)


class _Package(_Module):
    """This package. It sees each submodule as the import system binds it, so that `ncg_ray.generate` is the same
    callable module whoever imports it first."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _VERBS and isinstance(value, ModuleType):
            value.__class__ = _Verb
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
