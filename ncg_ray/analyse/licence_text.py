"""Which licence a text is, or grants.

Covers: full licence texts, the usual notices, and at a module's head an SPDX tag, in the comments and the docstring before
the first statement. Does not cover: notices further down, and mere mentions of a licence.
"""

from __future__ import annotations

import ast
import functools
import io
import re
import tokenize

from ncg_ray.analyse.licence_names import of_free_text

LONGEST_TEXT, LONGEST_NOTICE, LONGEST_HEADER = 20_000, 12_000, 4_000
"Characters; the matcher's time grows fast: 20,000 take it up to some seconds."
_SHORTEST_NOTICE = 80
_NOTICE = re.compile(
    r"(?<!not )\b(?:redistribute|licen[sc]ed|distributed|released|modify)\b[^.]{0,80}? under (?:the )?(?:terms (?:and "
    r"conditions )?of )?(?:version (?P<before>[123](?:\.\d)?) of )?(?:the )?GNU (?P<kind>Affero |Lesser |Library )?General "
    r"Public Licen[sc]e(?P<rest>.{0,160})", re.IGNORECASE)
_VERSION = re.compile(r"^(?:,? as published by the Free Software Foundation)?[,;]? ?(?:either )?\(?v(?:ersion)?[ .]?"
                      r"(\d(?:\.\d)?)", re.IGNORECASE)
_TITLE = re.compile(r"GNU (AFFERO |LESSER |LIBRARY )?GENERAL PUBLIC LICENSE,? Version (\d(?:\.\d)?), (?:\d+ )?\w+ \d{4}",
                    re.IGNORECASE)
_WORDED = (
    (re.compile(r"subject to the terms of the Mozilla Public License, v(?:ersion|\.) ?(\d\.\d)", re.IGNORECASE), r"MPL-\1"),
    (re.compile(r"under (?:the terms of )?the Apache License,? Version 2\.0", re.IGNORECASE), "Apache-2.0"),
    (re.compile(r"This is free and unencumbered software released into the public domain", re.IGNORECASE), "Unlicense"))
_UNDER = re.compile(r"(?<!not )\blicen[sc]ed under (?:the )?(?:terms of the )?((?!GNU)[^.;:]{1,40}? licen[sc]e"
                    r"(?:,? v(?:ersion|\.)? ?\d(?:\.\d)?)?)", re.IGNORECASE)
_LIKELY = re.compile(r"licen[sc]e|copyright|public domain", re.IGNORECASE)
_GRANT = re.compile(r"permission|redistribut|warrant|\bas is\b|public domain|subject to|freely", re.IGNORECASE)
_OWN = re.compile(r"\bthis (?:\w+ ){1,3}is (?:free|licen[sc]ed|released|distributed)|"
                  r"^(?:licen[sc]ed|released|distributed) under",
                  re.IGNORECASE | re.MULTILINE)
_TAG = re.compile(r"^\W*SPDX-License-Identifier:[ \t]*(.+?)[ \t]*(?:\*/|-->)?$", re.MULTILINE)


@functools.lru_cache(maxsize=512)
def of_text(text: str) -> str:
    """The SPDX expression of a licence's text or notice; empty where none is recognised.

    Notices of the usual licences by their wording, since they come with many small changes, and the GNU licences by
    their titles; texts and other notices by spdx-matcher, which takes 0.1 s to some seconds. Several licences in one text
    are joined with AND.
    Source: SPDX License List Matching Guidelines, annex B of the SPDX specification 2.3.
    """
    if title := _TITLE.search(" ".join(text[:500].split())):
        kind = {"a": "AGPL", "l": "LGPL"}.get((title[1] or "")[:1].lower(), "GPL")
        return f"{kind}-{title[2] if '.' in title[2] else f'{title[2]}.0'}-only"
    text = text[:LONGEST_TEXT]
    if not _LIKELY.search(text):
        return ""
    if len(text) <= LONGEST_NOTICE and (noticed := _of_notice(text)):
        return noticed
    import spdx_matcher

    analysis, _ = spdx_matcher.analyse_license_text(text)
    names, exceptions = list(analysis.get("licenses") or {}), list(analysis.get("exceptions") or {})
    # The text of a GNU licence holds its own notice as a sample, so that it matches both forms.
    names = list(dict.fromkeys(re.sub(r"^((?:A|L)?GPL-.*)-or-later$", r"\1-only", name) for name in names))
    if len(names) == len(exceptions) == 1:
        return f"{names[0]} WITH {exceptions[0]}"
    return " AND ".join(names)


def _of_notice(text: str) -> str:
    """What the notices in a text grant that are known by their wording."""
    flat = " ".join(text.split())
    names = []
    for found in _NOTICE.finditer(flat):
        kind = {"a": "AGPL", "l": "LGPL"}.get((found["kind"] or "")[:1].lower(), "GPL")
        after = _VERSION.match(found["rest"])
        version = found["before"] or (after[1] if after else "1" if kind == "GPL" else "2" if kind == "LGPL" else "3")
        later = not (found["before"] or after) or re.search(r"any later version|or later|or newer|\d\+", found["rest"], re.I)
        names.append(f"{kind}-{version if '.' in version else f'{version}.0'}-{'or-later' if later else 'only'}")
    for pattern, expression in _WORDED:
        names += [found.expand(expression) for found in pattern.finditer(flat)]
    names += [name for words in _UNDER.findall(flat) if (name := of_free_text(words))]
    return " AND ".join(dict.fromkeys(names))


def of_header(code: str) -> tuple[str, str, int] | None:
    """What a module's own leading comments or docstring say: (SPDX expression, how they say it, their line), or None.

    An SPDX tag, or a licence notice or text; a mere mention of a licence is neither. Raises SyntaxError where the code does
    not parse.
    """
    pieces = _header(code)
    tags = [tag for text, _ in pieces for tag in _TAG.findall(text)]
    if tags:
        wrapped = [f"({tag})" if " OR " in tag.upper() and len(tags) > 1 else tag for tag in dict.fromkeys(tags)]
        return " AND ".join(wrapped), "SPDX-License-Identifier", pieces[0][1]
    for text, line in pieces:
        grants = _GRANT.search(text) and _LIKELY.search(text) and len(text) >= _SHORTEST_NOTICE
        if expression := of_text(text) if grants else _of_notice(text) if _OWN.search(text) else "":
            return expression, "the notice at its head", line
    return None


def _header(code: str) -> list[tuple[str, int]]:
    """The comments and the docstring before the first statement, without their signs, each with its first line."""
    if not re.match(r"\s*[#\"'rRuU]", code):
        return []
    docstring = ast.get_docstring(ast.parse(code), clean=True)
    comments: list[str] = []
    first, pieces = 0, []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type == tokenize.COMMENT:
                comments.append(token.string.lstrip("#").strip())
                first = first or token.start[0]
            elif token.type == tokenize.STRING and docstring is not None:
                pieces.append((docstring[:LONGEST_HEADER], token.start[0]))
                docstring = None
            elif token.type not in (tokenize.NL, tokenize.NEWLINE):
                break
            if sum(map(len, comments)) > LONGEST_HEADER:
                break
    except (tokenize.TokenError, IndentationError):
        pass
    return ([("\n".join(comments)[:LONGEST_HEADER], first)] if comments else []) + pieces
