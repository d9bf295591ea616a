"""Security findings of bandit, in this process, and the risk that they amount to.

Covers: bandit's rules on one Python module, `# nosec` comments ignored (a candidate must not excuse itself).
Does not cover: data flow between functions, other languages, the packages that the code imports.
"""

from __future__ import annotations

import ast
import functools
import io
import threading
import warnings
from collections.abc import Iterable
from typing import Any, Literal

from ncg_ray.types import Finding

SEVERITY_WEIGHTS = {"critical": 0.9, "high": 0.7, "medium": 0.35, "low": 0.1}
CONFIDENCE_WEIGHTS = {"high": 1.0, "medium": 0.75, "low": 0.5}

_LOCK = threading.Lock()  # bandit keeps state in its rule set
_NAME = "./candidate.py"  # bandit wants a folder in a name

Rank = Literal["high", "medium", "low"]


def scan(code: str) -> tuple[Finding, ...]:
    """bandit's findings on one module, in the order of lines. Nothing is written to disk or imported.

    Raises SyntaxError where the code does not parse, ImportError where bandit is not installed.
    """
    tree = ast.parse(code)
    if not tree.body:
        return ()
    with _LOCK, warnings.catch_warnings():  # of its plugin loader, and of the code's own escapes
        warnings.simplefilter("ignore")
        issues = _issues(code)
    findings = [Finding("bandit", issue.test_id, "security", issue.text, issue.lineno, "",
                        f"CWE-{issue.cwe.id}" if issue.cwe.id else None, _rank(issue.severity),
                        _rank(issue.confidence)) for issue in issues]
    return tuple(sorted(findings, key=lambda f: (f.line, f.rule, f.message)))


def _issues(code: str) -> list[Any]:
    from bandit.core import meta_ast, metrics, node_visitor

    data = code.encode("utf-8", "surrogatepass")
    counters = metrics.Metrics()
    counters.begin(_NAME)
    visitor = node_visitor.BanditNodeVisitor(_NAME, io.BytesIO(data), meta_ast.BanditMetaAst(), _rules(), False, {},
                                             counters)
    visitor.process(data)
    return visitor.tester.results


@functools.cache
def _rules() -> Any:
    from bandit.core import config, test_set

    return test_set.BanditTestSet(config=config.BanditConfig(), profile={})


def _rank(text: str) -> Rank:
    ranks: dict[str, Rank] = {"HIGH": "high", "MEDIUM": "medium"}
    return ranks.get(text, "low")


def risk(findings: Iterable[Finding]) -> float:
    """Security risk in [0, 1): 0 only where there is no security finding.

    A noisy-or: each finding is an independent chance, severity weight times confidence weight, of real harm; the
    risk is the chance that at least one does harm. So it grows with each finding and never reaches 1.
    Source: Pearl, Probabilistic Reasoning in Intelligent Systems (1988), section 4.3.2.
    """
    safe = 1.0
    for finding in findings:
        if finding.kind == "security":
            safe *= 1.0 - SEVERITY_WEIGHTS[finding.severity] * CONFIDENCE_WEIGHTS[finding.confidence]
    return 1.0 - safe
