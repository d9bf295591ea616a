"""What a policy says of an SPDX licence expression: allow, review or deny, and which clause decided.

Covers: lists of licence names and patterns, AND, OR, WITH, and whether a licence goes into a target licence.
Does not cover: legal advice. The table of compatibility is short and errs towards `review`.
"""

from __future__ import annotations

import enum
import functools
import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from ncg_ray.errors import ConfigError


class Rating(enum.IntEnum):
    """Ordered from worst to best, so that AND is `min` and OR is `max`."""

    DENY = 0
    REVIEW = 1
    ALLOW = 2

    @property
    def score(self) -> float:
        """In [0, 1]: 0, 0.5 or 1."""
        return self / 2


PERMISSIVE = (
    "0BSD", "AFL-*", "Apache-*", "Artistic-2.0", "BSD-1-Clause", "BSD-2-Clause*", "BSD-3-Clause*", "BSD-4-Clause*",
    "BSL-1.0", "BlueOak-1.0.0", "CC-BY-1.0", "CC-BY-2.*", "CC-BY-3.0", "CC-BY-4.0", "CC0-1.0", "CNRI-Python*", "HPND*",
    "ICU", "ISC", "LicenseRef-Public-Domain", "MIT*", "MulanPSL-*", "NCSA", "OpenSSL", "PSF-2.0", "PostgreSQL",
    "Python-2.0*", "TCL", "UPL-1.0", "Unicode-*", "Unlicense", "W3C*", "WTFPL", "X11*", "ZPL-*", "Zlib", "curl",
    "libpng-2.0")
WEAK = ("LGPL-*", "MPL-*", "EPL-*", "CDDL-*", "CPL-*", "CECILL-C", "CECILL-B", "EUPL-1.2", "OFL-*", "MS-RL")
STRONG = ("GPL-*", "AGPL-*", "SSPL-*", "OSL-*", "EUPL-1.0", "EUPL-1.1")
RESTRICTED = ("CC-BY-NC*", "CC-BY-ND*", "BUSL-*", "SSPL-*", "LicenseRef-Proprietary", "LicenseRef-Non-Commercial",
              "Elastic-2.0", "PolyForm-*")


_LONGEST = 2000
"Characters of an expression; a longer text is prose."


@dataclass(frozen=True, slots=True)
class Policy:
    """Which licences may be used. A name is an SPDX id or a shell-style pattern (`GPL-*`, `* WITH *`), case ignored.

    `deny` beats `review` beats `allow`; what is on no list is `review`. With a `target`, a licence has to pass both the
    lists and the table of compatibility: the worse of the two holds. Raises ConfigError where `target` is no expression.
    """

    allow: tuple[str, ...] = PERMISSIVE
    review: tuple[str, ...] = WEAK
    deny: tuple[str, ...] = STRONG + RESTRICTED
    target: str = ""
    "SPDX expression of the licence that the generated code is to be under; empty for none."

    def __post_init__(self) -> None:
        for clause in ("allow", "review", "deny"):
            if isinstance(getattr(self, clause), str):
                raise ConfigError(f"{clause} = {getattr(self, clause)!r} is one text: give a list of licence names")
        if self.target and parse(self.target) is None:
            raise ConfigError(f"target = {self.target!r} is no SPDX expression: write one such as 'Apache-2.0'")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a policy says of one expression."""

    rating: Rating
    licence: str
    "The part of the expression that decided."
    clause: str
    "The clause of the policy that decided, such as `deny 'GPL-*'`, for people."
    incompatible: bool = False
    "It was the target that decided, not a list."


def for_target(target: str, policy: Policy | None = None) -> Policy:
    """A policy (the default one) for code under `target`. Where that is GNU copyleft, the lists let such licences through,
    so that the table decides alone which of them fit.

    Example:
        >>> judge("GPL-2.0-or-later", for_target("GPL-3.0-only")).rating.name
        'ALLOW'
    """
    policy = policy or Policy()
    if not any(_family(name) for name in _names(target)):
        return replace(policy, target=target)
    gnu = ("GPL-*", "AGPL-*", "LGPL-*")
    return Policy((*policy.allow, *gnu), tuple(name for name in policy.review if name not in gnu),
                  tuple(name for name in policy.deny if name not in gnu), target)


def judge(expression: str, policy: Policy, copied: bool = False) -> Judgement:
    """What the policy says of an expression: of AND the worst part holds, of OR the best.

    `copied`: code under it stands in the program itself, rather than being imported. An expression that cannot be
    parsed is `review`. An exception (WITH) only adds permissions: one that SPDX lists makes a denied licence `review`,
    unless `deny` has a pattern with WITH for it.

    Example:
        >>> judge("MIT OR GPL-3.0-only", Policy()).rating.name, judge("GPL-3.0-only", Policy()).clause
        ('ALLOW', "deny 'GPL-*'")
    """
    return _judge(expression, policy, copied)


@functools.lru_cache(maxsize=4096)
def _judge(expression: str, policy: Policy, copied: bool) -> Judgement:
    tree = parse(expression)
    if tree is None:
        return Judgement(Rating.REVIEW, expression, "no list names it")
    return _of_tree(tree, policy, copied)


def _of_tree(tree: Any, policy: Policy, copied: bool) -> Judgement:
    if args := getattr(tree, "args", ()):
        parts = [_of_tree(part, policy, copied) for part in args]
        best = tree.operator.strip().upper() == "OR"
        return (max if best else min)(parts, key=lambda part: part.rating)
    exception = getattr(tree, "exception_symbol", None)
    whole, base = tree.render(), (tree.license_symbol if exception else tree).render()
    rating, clause = _on_lists(whole, base, policy, bool(exception))
    if exception and rating is Rating.DENY and " with " not in clause.lower() and exception.key in known():
        rating, clause = Rating.REVIEW, f"{clause}, eased by an exception"
    judgement = Judgement(rating, whole, clause)
    for target in _names(policy.target):
        fits = into(base, target, copied)
        if exception and fits is Rating.DENY:
            fits = Rating.REVIEW
        if fits < judgement.rating:
            use = "copied into" if copied else "imported by"
            judgement = Judgement(fits, whole, f"target {target!r}: {whole} {use} such code", True)
    return judgement


def _on_lists(whole: str, base: str, policy: Policy, exception: bool) -> tuple[Rating, str]:
    """The first list, in the order deny, review, allow, that names a licence; patterns without WITH see its base."""
    for rating, clause in ((Rating.DENY, policy.deny), (Rating.REVIEW, policy.review), (Rating.ALLOW, policy.allow)):
        for pattern in clause:
            name = whole if exception and " with " in pattern.lower() else base
            if fnmatchcase(name.lower(), canonical(pattern).lower()):
                return rating, f"{rating.name.lower()} {pattern!r}"
    return Rating.REVIEW, "no list names it"


def into(licence: str, target: str, copied: bool) -> Rating:
    """Whether code under `licence` may be imported by, or copied into, code under `target`; both are SPDX ids.

    | licence               | imported                                                        | copied |
    |-----------------------|-----------------------------------------------------------------|--------|
    | the target itself     | allow                                                           | allow  |
    | permissive            | allow; review: 4-clause BSD in GPL, Apache-2.0 in GPL-2.0-only  | same   |
    | weak copyleft         | allow                                                           | review |
    | GPL, target GPL       | allow: may be of every version that the target may; review: some | same  |
    | GPL, target AGPL      | allow where it may be version 3                                 | same   |
    | AGPL                  | allow where the target is AGPL; review: GPL-3.0                 | same   |
    | GPL, AGPL, otherwise  | deny                                                            | deny   |
    | restricted, OSL, EUPL | deny                                                            | deny   |
    | anything else         | review                                                          | review |

    `-or-later` stands for all versions up to 3.
    Source: GNU GPL FAQ, "How are the various GNU licenses compatible with each other?"; GPL and AGPL version 3, section 13.
    """
    family, aim = _family(licence), _family(target)
    if licence.lower() == target.lower():
        return Rating.ALLOW
    if _on(licence, PERMISSIVE):
        in_gpl, old = aim is not None, aim == ("GPL", frozenset({2}))
        clash = (licence.startswith("BSD-4-Clause") and in_gpl) or (licence.startswith("Apache-2") and old)
        return Rating.REVIEW if clash else Rating.ALLOW
    if _on(licence, WEAK):
        return Rating.REVIEW if copied else Rating.ALLOW
    if family is not None:
        if aim is None:
            return Rating.DENY
        (kind, versions), (aim_kind, aims) = family, aim
        if kind != aim_kind:
            if 3 not in versions or 3 not in aims:
                return Rating.DENY
            return Rating.ALLOW if aim_kind == "AGPL" else Rating.REVIEW
        return Rating.ALLOW if aims <= versions else Rating.REVIEW if aims & versions else Rating.DENY
    return Rating.DENY if _on(licence, STRONG + RESTRICTED) else Rating.REVIEW


def _family(licence: str) -> tuple[str, frozenset[int]] | None:
    """(GPL or AGPL, the versions that one may choose from) of a GNU licence; None for others."""
    found = re.fullmatch(r"(A?GPL)-([123])\.0(-only|-or-later|\+)?", licence, re.IGNORECASE)
    if not found:
        return None
    version = int(found[2])
    later = found[3] not in (None, "-only")
    return found[1].upper(), frozenset(range(version, 4)) if later else frozenset({version})


def _on(licence: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(licence.lower(), pattern.lower()) for pattern in patterns)


def _names(expression: str) -> tuple[str, ...]:
    """The licence ids in an expression."""
    tree = parse(expression)
    if tree is None:
        return ()
    symbols = [symbol.license_symbol if hasattr(symbol, "license_symbol") else symbol for symbol in tree.symbols]
    return tuple(sorted(symbol.render() for symbol in symbols))


@functools.lru_cache(maxsize=1024)
def canonical(name: str) -> str:
    """An SPDX id as SPDX writes it today (`gpl-3.0+` is `GPL-3.0-or-later`); patterns and unknown names as they are."""
    if any(sign in name for sign in "*?["):
        return name
    tree = parse(name)
    return name if tree is None else tree.render()


@functools.lru_cache(maxsize=4096)
def parse(expression: str) -> Any:
    """The tree of an SPDX expression; None where it is none. Names that SPDX does not have stay as they are."""
    from license_expression import ExpressionError

    # The library's own grammar lets names with blanks be; those are prose.
    if len(expression) > _LONGEST:
        return None
    try:
        tree = _licensing().parse(expression.strip(), validate=False, simple=False)
    except (ExpressionError, RecursionError, ValueError, AttributeError, TypeError):
        return None
    if tree is None or any(" " in key for key in _licensing().license_keys(tree)):
        return None
    return tree


def known() -> dict[str, Any]:
    """The licences and exceptions of the SPDX list, by id."""
    return _licensing().known_symbols


@functools.cache
def _licensing() -> Any:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()
