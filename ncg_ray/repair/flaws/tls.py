"""Who is at the other end: certificates, host names, SSH host keys, and protocol versions that no longer protect.

Covers: contexts and arguments that switch checks off, variables of the environment that do, old protocol versions, host keys
that are accepted unseen. Does not cover: certificates that a program checks by hand.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws.place import Place, is_value
from ncg_ray.repair.source import Edit


def checks(place: Place) -> Iterator[Edit | None]:
    """Certificates and host names are checked."""
    draft = place.draft
    for node in place.nodes:
        if isinstance(node, ast.Call):
            name = place.names.qualified(node.func)
            if name in ("ssl._create_unverified_context", "ssl._create_stdlib_context"):
                kept = [f"{k.arg}={place.source.of(k.value)}" for k in node.keywords if k.arg in (
                    "purpose", "cafile", "capath", "cadata")]
                draft.put(node, f"{draft.need('ssl')}.create_default_context({', '.join(kept)})")
                continue
            for keyword in node.keywords:
                if keyword.arg in (
                    "verify",
                    "verify_ssl",
                    "ssl_verify",
                    "validate_certs",
                    "check_hostname",
                    "verify_hostname",
                    "use_ssl",
                    "ssl",
                    "verify_certs",
                    "assert_hostname",
                    "ssl_cert_reqs",
                ) and is_value(keyword.value, False, *((None,) if keyword.arg == "ssl_cert_reqs" else ())):
                    draft.put(keyword.value, "True" if keyword.arg != "ssl_cert_reqs" else '"required"')
                elif keyword.arg in ("cert_reqs", "tls_cert_reqs", "ssl_cert_reqs", "verify_mode"):
                    name = place.names.qualified(keyword.value)
                    if name.endswith("CERT_NONE"):
                        draft.put(keyword.value, f"{draft.need('ssl')}.CERT_REQUIRED")
                    elif place.names.constant(keyword.value) in ("CERT_NONE", "none"):
                        draft.put(keyword.value, '"CERT_REQUIRED"' if keyword.value.value == "CERT_NONE" else '"required"')  # type: ignore[attr-defined]
                elif keyword.arg == "tlsAllowInvalidCertificates":
                    draft.put(keyword.value, "False")
        elif isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            attribute = target.attr if isinstance(target, ast.Attribute) else ""
            name = place.names.qualified(value)
            if attribute in ("verify", "check_hostname", "assert_hostname") and is_value(value, False):
                draft.put(value, "True")
            elif attribute == "verify_mode" and (name.endswith("CERT_NONE") or is_value(value, 0)):
                draft.put(value, f"{draft.need('ssl')}.CERT_REQUIRED")
            elif attribute == "_create_default_https_context":
                draft.remove(node)
            elif name == "ssl._create_unverified_context":
                draft.put(value, f"{draft.need('ssl')}.create_default_context")
            elif is_value(value, "") and isinstance(target, ast.Subscript) and "CA_BUNDLE" in place.source.of(target):
                draft.remove(node)
            elif is_value(value, False, "0", "") and isinstance(target, ast.Subscript) and re.search(
                    r"(?i)verif|check|valid|ssl|tls", place.source.of(target)):
                draft.put(value, '"1"' if isinstance(value, ast.Constant) and isinstance(value.value, str) else "True")
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in ("verify", "check_hostname", "verify_ssl") and is_value(
                        place, value, False):
                    draft.put(value, "True")
    yield place.done(draft, "certificate check on")
    yield _default_context(place)
    # The check of names has to be on before certificates may be demanded, and off after.
    both = place.draft
    for node in ast.walk(place.function or place.source.tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            attribute = node.targets[0].attr
            if attribute == "check_hostname" and is_value(node.value, False):
                both.put(node.value, "True")
            elif attribute == "verify_mode" and place.names.qualified(node.value).endswith("CERT_NONE"):
                both.put(node.value, f"{both.need('ssl')}.CERT_REQUIRED")
    yield place.done(both, "certificate check on")


def _default_context(place: Place) -> Edit | None:
    """`SSLContext(...)` of an old protocol becomes the default context, and what is set on it by hand stays."""
    draft = place.draft
    for call in place.called("ssl.SSLContext", anywhere=True):
        if _is_server(place) and "PROTOCOL_TLS_CLIENT" not in place.source.of(call):
            draft.put(call, f"{draft.need('ssl')}.create_default_context({draft.need('ssl')}.Purpose.CLIENT_AUTH)")
        elif _names_host(place, draft):
            draft.put(call, f"{draft.need('ssl')}.create_default_context()")
    for call in place.called("ssl.wrap_socket"):
        host = _host(place)
        if host and len(call.args) == 1 and all(k.arg in ("ssl_version", "cert_reqs") for k in call.keywords):
            draft.put(call, f"{draft.need('ssl')}.create_default_context().wrap_socket({place.source.of(call.args[0])}, "
                            f"server_hostname={host})")
    return place.done(draft, "default TLS context")


def _is_server(place: Place) -> bool:
    return bool(re.search(r"server_side\s*=\s*True|PROTOCOL_TLS_SERVER|HTTPServer|create_server|start_server|app\.run",
                          place.source.text))


def _host(place: Place) -> str:
    """The source of the one host that the function connects to; empty where it cannot be told."""
    found = set()
    for call in ast.walk(place.function or place.source.tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args and call.func.attr in (
                "connect", "create_connection"):
            address = place.names.definition(call.args[0]) or call.args[0]
            found.add(place.source.of(address.elts[0]) if isinstance(address, ast.Tuple) and address.elts else "")
    return found.pop() if len(found) == 1 else ""


def _names_host(place: Place, draft: Draft) -> bool:
    """Whether each socket is wrapped for a host, which a context with checks demands; adds the one that is known."""
    for call in place.called(".wrap_socket", anywhere=True):
        if place.names.qualified(call.func) == "ssl.wrap_socket" or any(k.arg == "server_hostname" for k in call.keywords):
            continue
        host = _host(place)
        if not host or place.source.function_of(call) is not place.function:
            return False
        draft.keyword(call, "server_hostname", host)
    return True


def versions(place: Place) -> Iterator[Edit | None]:
    """TLS 1.2 or later, and the default ciphers."""
    draft = place.draft
    old = ("PROTOCOL_TLSv1", "PROTOCOL_TLSv1_1", "PROTOCOL_SSLv2", "PROTOCOL_SSLv3", "PROTOCOL_SSLv23", "PROTOCOL_TLS")
    for node in place.nodes:
        name = place.names.qualified(node) if isinstance(node, ast.Attribute) else ""
        if name.rpartition(".")[2] in old and (_is_server(place) or _names_host(place, draft)):
            draft.put(node, f"{draft.need('ssl')}.PROTOCOL_TLS_{'SERVER' if _is_server(place) else 'CLIENT'}")  # type: ignore[arg-type]
        elif name in ("ssl.TLSVersion.TLSv1", "ssl.TLSVersion.TLSv1_1", "ssl.TLSVersion.SSLv3",
                      "ssl.TLSVersion.MINIMUM_SUPPORTED"):
            draft.put(node, f"{draft.need('ssl')}.TLSVersion.TLSv1_2")  # type: ignore[arg-type]
    yield place.done(draft, "TLS 1.2 or later")
    yield _default_context(place)
    draft = place.draft
    for node in place.nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(
                node.value.func, ast.Attribute) and node.value.func.attr == "set_ciphers":
            draft.remove(node)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Attribute) and node.target.attr == "options":
            if isinstance(node.op, ast.BitOr) and "OP_NO_" in place.source.of(node):
                continue  # it excludes old protocols
            draft.remove(node)
    yield place.done(draft, "default ciphers")


def ssh_host_key(place: Place) -> Iterator[Edit | None]:
    """Unknown hosts are refused, and the user's known ones loaded."""
    draft = place.draft
    for call in place.called(".set_missing_host_key_policy"):
        statement = place.source.statement_of(call)
        if call.args and statement is not None and isinstance(call.func, ast.Attribute):
            policy = call.args[0]
            name = policy.func if isinstance(policy, ast.Call) else policy
            draft.put(name, f"{draft.need('paramiko')}.RejectPolicy")
            client = place.source.of(call.func.value)
            if "load_system_host_keys" not in place.source.text:
                draft.before(statement, f"{client}.load_system_host_keys()")
    for call in place.calls():
        for keyword in call.keywords:
            if keyword.arg == "known_hosts" and is_value(keyword.value, None):
                draft.drop_argument(call, keyword)
    yield place.done(draft, "known hosts only")
