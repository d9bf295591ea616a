"""bandit in this process: its rules on one module at a time. Nothing is written to disk or imported."""

from __future__ import annotations

import functools
import io
import threading
import warnings
from typing import Any

_LOCK = threading.Lock()  # bandit keeps state in its rule set
_NAME = "./candidate.py"  # bandit wants a folder in a name


def issues(code: str, excused: dict[int, set[str]] | None = None) -> list[Any]:
    """bandit's issues. `# nosec` comments are ignored: code must not excuse itself.

    Args:
        excused: bandit's own form of what such comments say: rules by line, none for all.

    Raises SyntaxError where the code does not parse, ImportError where bandit is not installed.
    """
    from bandit.core import meta_ast, metrics, node_visitor

    data = code.encode("utf-8", "surrogatepass")
    with _LOCK, warnings.catch_warnings():  # of its plugin loader, and of the code's own escapes
        warnings.simplefilter("ignore")
        counters = metrics.Metrics()
        counters.begin(_NAME)
        visitor = node_visitor.BanditNodeVisitor(_NAME, io.BytesIO(data), meta_ast.BanditMetaAst(), _rules(), False,
                                                 excused or {}, counters)
        visitor.process(data)
        return visitor.tester.results


@functools.cache
def _rules() -> Any:
    from bandit.core import config, test_set

    return test_set.BanditTestSet(config=config.BanditConfig(), profile={})
