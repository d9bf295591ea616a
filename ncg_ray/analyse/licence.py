"""Licence compliance of a module: of what it imports, of what it copied, and of what its own head says.

Covers: the licence that each imported distribution declares (of some that are not installed, the packaged table's word),
code that stands word for word in retrieved or indexed code, an SPDX tag or licence notice at the module's head. Does not
cover: the dependencies of dependencies, copies with renamed variables, names or strings that merely mention a licence.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Iterator, Sequence

from ncg_ray.analyse import imports
from ncg_ray.analyse.distributions import Installed, in_table, installed
from ncg_ray.analyse.known_packages import LICENCES
from ncg_ray.analyse.licence_declared import UNKNOWN, Declared, of_distribution
from ncg_ray.analyse.licence_policy import Judgement, Policy, Rating, judge
from ncg_ray.analyse.licence_text import of_header
from ncg_ray.analyse.overlap import Fingerprints, Overlap
from ncg_ray.types import Finding, Snippet

DEFAULTS = Policy()


def measure(code: str, policy: Policy = DEFAULTS, snippets: Sequence[Snippet] = (), local: frozenset[str] = frozenset(),
            index: Fingerprints | None = None) -> tuple[float, tuple[Finding, ...]]:
    """LicenseCompliance in [0, 1] and a finding for everything that is not simply allowed, in the order of lines.

    It is the minimum over all that was matched (allow 1, review 0.5, deny 0): one denied licence spoils the whole, and a
    further match never raises it. The standard library, `local` modules, and imports of which nothing is known (those are
    the business of `dependencies`) do not count; nothing matched gives 1.

    Args:
        code: a Python module.
        policy: which licences may be used.
        snippets: retrieved code that the module may have copied; one without a licence is `review` where it was.
        local: import names of the project's own modules.
        index: more code that may have been copied.
    Raises: SyntaxError where the code does not parse.
    """
    worst, findings = Rating.ALLOW, []
    matches = (*_head(code, policy), *_imports(code, policy, local), *_copies(code, policy, snippets, index))
    for judgement, finding in matches:
        worst = min(worst, judgement.rating)
        if judgement.rating < Rating.ALLOW:
            findings.append(finding)
    return worst.score, tuple(sorted(findings, key=lambda f: (f.line, f.message)))


Match = tuple[Judgement, Finding]


def _head(code: str, policy: Policy) -> Iterator[Match]:
    if found := of_header(code):
        expression, source, line = found
        declared = Declared(expression, source, "high" if source.startswith("SPDX") else "medium")
        yield _judged(f"this module is under {expression} by {source}", declared, policy, True, line)


def _imports(code: str, policy: Policy, local: frozenset[str]) -> Iterator[Match]:
    here, seen = installed(), set()
    for found in imports.find(code):
        if found.top in sys.stdlib_module_names or found.top in local or found.module in local:
            continue
        for name in _owners(found, here):
            if name not in seen:
                seen.add(name)
                declared = _declared(name, here)
                words = f"is under {declared.expression} by {declared.source}" if declared.expression else (
                    "declares no licence that can be read" if name in here.folders else
                    "is not installed here, so that its licence is not known")
                what = f"the import {found.module!r} is the distribution {name}, which {words}"
                yield _judged(what, declared, policy, False, found.line)


def _owners(found: imports.Import, here: Installed) -> tuple[str, ...]:
    owners = here.of_import(found)
    if not owners and (name := in_table(found)):
        return (name,)
    return owners


def _declared(name: str, here: Installed) -> Declared:
    if name not in here.folders and name in LICENCES:
        return Declared(LICENCES[name], "the packaged table (it is not installed here)", "medium")
    return of_distribution(name, here)


def _copies(code: str, policy: Policy, snippets: Sequence[Snippet], index: Fingerprints | None) -> Iterator[Match]:
    overlaps: Iterable[Overlap] = index.match(code) if index is not None else ()
    if snippets:
        overlaps = (*overlaps, *_index(tuple(snippets)).match(code))
    for copy in dict.fromkeys(overlaps):
        declared = Declared(copy.licence, "what was recorded with it") if copy.licence else UNKNOWN
        words = f"is under {copy.licence}" if copy.licence else "has no known licence"
        what = (f"{copy.num_tokens} tokens ({copy.share:.0%} of the code) stand word for word in {copy.source}, lines "
                f"{copy.source_first_line}-{copy.source_last_line}, which {words}")
        yield _judged(what, declared, policy, True, copy.first_line, copy.last_line)


@functools.lru_cache(maxsize=16)
def _index(snippets: tuple[Snippet, ...]) -> Fingerprints:
    return Fingerprints(snippets)


def _judged(what: str, declared: Declared, policy: Policy, copied: bool, line: int, end_line: int = 0) -> Match:
    """The policy's word on one match, as a judgement and as the finding for it."""
    judgement = judge(declared.expression, policy, copied)
    denied = judgement.rating is Rating.DENY
    if not declared.expression:
        rule, clause = "unknown-licence", "the policy reviews what no list names"
        fix = "find out its licence, or write the code anew" if copied else "find out its licence, or use another package"
    else:
        rule = "incompatible-licence" if judgement.incompatible else "denied-licence" if denied else "review-licence"
        part = f" for {judgement.licence}" if judgement.licence != declared.expression else ""
        clause = f"the policy says {judgement.rating.name.lower()}{part} ({judgement.clause})"
        fix = (f"write the code anew, or allow {judgement.licence} in the policy" if copied else
               f"use a package under an allowed licence, or allow {judgement.licence} in the policy")
    return judgement, Finding("licence", rule, "licence", f"{what}; {clause}", line, severity="high" if denied else "medium",
                              confidence=declared.confidence, end_line=end_line, fix=fix)
