"""Rewrites that mend what security findings name: each a function of one finding that gives edits, tried in order.

A rewrite is found by the rule of the finding, else by its CWE. It proposes only: whether the finding is gone, whether no
other came, and whether the tests pass is seen afterwards (`ncg_ray.repair.findings`).

Covers: the families of the rules in `ncg_ray/analyse/rules` and bandit's that a change of a few lines can mend.
Does not cover: checks that are absent and whose meaning only the owner of the code knows (who may see a record, how often a
password may be tried), flaws in more than one module.
"""

from __future__ import annotations

from collections.abc import Iterator

from ncg_ray.repair.flaws import (
    access,
    ciphers,
    commands,
    credentials,
    crypto,
    data,
    escaping,
    files,
    keywords,
    markup,
    passwords,
    paths,
    robustness,
    sql,
    tls,
    urls,
)
from ncg_ray.repair.flaws.place import Place, Rewrite
from ncg_ray.repair.resolve import Names
from ncg_ray.repair.source import Edit, Source, tree_of
from ncg_ray.types import Finding

MAX_EDITS = 12
"Rewrites of one finding that are tried."

BY_RULE: dict[str, tuple[Rewrite, ...]] = {
    "B102": (data.evaluation,), "B307": (data.evaluation,), "B506": (data.yaml,), "B701": (markup.autoescape,),
    "B201": (keywords.switched,), "B310": (urls.requests,), "B108": (files.temporary,), "B104": (keywords.switched,),
    "B113": (keywords.timeout,), "B101": (robustness.assertions,), "B311": (crypto.randomness,), "B703": (markup.html,),
    "B308": (markup.html,), "B110": (robustness.swallowed,), "B112": (robustness.swallowed,), "B402": (urls.protocols,),
    "B507": (tls.ssh_host_key,), "B614": (data.pickle,), "B615": (),
    **{f"B31{n}": (data.xml,) for n in range(3, 10)}, "B320": (data.xml,), "B321": (urls.protocols,),
    "B312": (urls.protocols,), "B324": (crypto.hashes, passwords.passwords), "B303": (crypto.hashes,),
    "access-session-fixation": (access.session_renewed,),
    "access-mass-assignment": (access.mass_assignment,), "access-weak-password-policy": (access.password_length,),
    "access-anonymous-bind": (access.anonymous_bind,), "access-user-enumeration": (access.same_answer,),
    "archive-member-path": (paths.traversal,), "archive-zip-extract": (paths.archives,),
    "code-reflection-input": (data.reflection,), "code-reflection-parameter": (data.reflection,),
    "command-program-from-input": (commands.program_rewrites,), "command-untrusted-path": (commands.program_rewrites,),
    "command-argument-injection": (commands.argument_rewrites,),
    "configuration-ssh-host-key": (tls.ssh_host_key,), "configuration-temporary-folder": (files.temporary,),
    "crypto-ecb-mode": (ciphers.cipher,), "crypto-weak-cipher": (ciphers.cipher,), "crypto-rsa-padding": (),
    "deserialise-model-file": (data.pickle,), "format-template-input": (escaping.format_template,),
    "format-template-parameter": (escaping.format_template,), "mail-header-input": (escaping.line_breaks,),
    "path-partial-filter": (paths.filters,), "path-absolute-join": (paths.filters, paths.traversal),
    "robustness-unbounded-allocation": (robustness.bounds,), "robustness-unbounded-read": (robustness.reads,),
    "secrets-in-cookie": (), "secrets-cleartext-password-check": (), "xml-text-built": (markup.xml_text,),
    "xss-autoescape-off": (markup.autoescape,), "xss-template-unescaped": (markup.autoescape,),
    "xss-own-escape": (markup.own_escape,), "search-path-writable": (files.search_path,),
    "resource-body-unbounded": (robustness.reads,), "resource-size-input": (robustness.bounds,),
    "robustness-lock-not-released": (robustness.held,), "robustness-unclosed-resource": (robustness.held,),
    "path-parameter-removed": (),
    "configuration-clickjacking": (keywords.switched,), "configuration-allowed-hosts": (keywords.switched,),
}
BY_CWE: dict[int, tuple[Rewrite, ...]] = {
    20: (urls.host_text, data.yaml, data.xml),
    22: (paths.archives, paths.traversal),
    23: (paths.filters,),
    36: (paths.filters,),
    73: (paths.traversal,),
    77: (commands.rewrites,),
    78: (commands.rewrites, data.evaluation),
    79: (markup.html,),
    80: (markup.html,),
    116: (markup.own_escape,),
    88: (commands.argument_rewrites,),
    89: (sql.rewrites,),
    90: (escaping.ldap,),
    91: (markup.xml_text,),
    93: (escaping.line_breaks,),
    94: (data.evaluation, markup.template),
    95: (data.evaluation,),
    113: (escaping.line_breaks,),
    117: (escaping.line_breaks,),
    134: (escaping.format_template,),
    200: (credentials.answered, robustness.error_details),
    203: (crypto.comparison,),
    208: (crypto.comparison,),
    204: (access.same_answer,),
    209: (robustness.error_details,),
    215: (keywords.switched,),
    250: (access.privileges,),
    252: (robustness.small,),
    253: (robustness.small,),
    256: (credentials.stored,),
    259: (credentials.hardcoded,),
    261: (credentials.stored,),
    271: (access.privilege_drop,),
    276: (keywords.permissions,),
    287: (access.anonymous_bind,),
    295: (tls.checks, tls.ssh_host_key),
    297: (tls.checks,),
    312: (credentials.stored,),
    319: (urls.protocols, urls.https),
    321: (credentials.hardcoded,),
    326: (keywords.sizes,),
    327: (crypto.hashes, ciphers.cipher, tls.versions, tls.checks),
    328: (crypto.hashes,),
    329: (ciphers.vector,),
    323: (ciphers.vector,),
    1204: (ciphers.vector,),
    330: (crypto.randomness,),
    331: (crypto.token,),
    335: (crypto.randomness,),
    336: (crypto.randomness,),
    337: (crypto.randomness,),
    338: (crypto.randomness,),
    339: (crypto.randomness,),
    340: (crypto.token,),
    346: (access.origins,),
    347: (ciphers.jwt, robustness.swallowed),
    352: (keywords.csrf,),
    367: (files.race,),
    377: (files.temporary,),
    379: (files.temporary,),
    384: (access.session_renewed,),
    390: (robustness.swallowed,),
    400: (robustness.bounds, robustness.reads, keywords.timeout),
    409: (paths.archives,),
    426: (files.search_path, commands.program_rewrites),
    427: (files.search_path,),
    434: (paths.uploads,),
    470: (data.reflection,),
    489: (keywords.switched,),
    502: (data.yaml, data.pickle),
    521: (access.password_length,),
    532: (credentials.logged,),
    584: (robustness.small,),
    595: (robustness.small,),
    598: (urls.secret_in_url,),
    601: (urls.redirects,),
    605: (keywords.switched,),
    611: (data.xml,),
    613: (ciphers.expiry,),
    614: (keywords.cookies,),
    617: (robustness.assertions,),
    643: (escaping.xpath,),
    667: (robustness.held,),
    703: (robustness.swallowed, robustness.assertions),
    730: (escaping.pattern,),
    732: (keywords.permissions,),
    755: (robustness.swallowed,),
    757: (tls.versions, tls.checks),
    759: (passwords.passwords,),
    760: (passwords.fixed_salt,),
    770: (robustness.bounds, robustness.reads),
    772: (robustness.held,),
    776: (data.xml,),
    798: (credentials.hardcoded,),
    827: (data.xml,),
    915: (access.mass_assignment,),
    916: (keywords.sizes, passwords.passwords),
    918: (urls.requests,),
    942: (access.origins,),
    943: (escaping.mongo,),
    1004: (keywords.cookies,),
    1021: (keywords.switched,),
    1088: (keywords.timeout,),
    1188: (keywords.switched,),
    1236: (escaping.csv_cells,),
    1275: (keywords.cookies,),
    1327: (keywords.switched,),
    1333: (escaping.backtracking,),
    1336: (markup.template,),
}


def edits(code: str, finding: Finding) -> list[Edit]:
    """The edits that may mend a finding, the most faithful first, each text once. Raises SyntaxError as `Source` does."""
    source = Source(code)
    place = Place(source, Names(source), finding)
    found: dict[str, Edit] = {}
    for rewrite in rewrites_of(finding):
        for edit in _made(rewrite, place):
            text = edit.apply(code)
            if text != code:
                found.setdefault(text, edit)
            if len(found) >= MAX_EDITS:
                return list(found.values())
    return list(found.values())


def rewrites_of(finding: Finding) -> tuple[Rewrite, ...]:
    """The rewrites that know a finding's rule, else its CWE; none where it has neither."""
    if finding.rule in BY_RULE:
        return BY_RULE[finding.rule]
    number = (finding.cwe or "").rpartition("-")[2]
    return BY_CWE.get(int(number), ()) if number.isdecimal() else ()


def _made(rewrite: Rewrite, place: Place) -> Iterator[Edit]:
    """The edits of one rewrite that parse; one that trips over unusual code gives no more."""
    found = rewrite(place)
    while True:
        try:
            edit = next(found)
        except (StopIteration, AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError):
            return  # the end, or the shape of the code is not one that the rewrite knows
        if edit is not None and tree_of(edit.apply(place.source.text)) is not None:
            yield edit
