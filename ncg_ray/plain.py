"""Plain data: the only values that cross the sandbox's pipe or are written into a Trace.

Plain are None, bool, int, float, complex, str, bytes, list, tuple, dict, set and frozenset, of exactly these
types (a subclass could carry a lying `__eq__`), nested at most `MAX_DEPTH` deep and without cycles.

JSON carries most of them as they are. What it lacks is a dict with one key: `{"$tuple": [1, 2]}`,
`{"$set": [...]}`, `{"$frozenset": [...]}`, `{"$bytes": "<hex>"}`, `{"$float": "nan" | "inf" | "-inf"}`,
`{"$int": "<hex>"}` beyond 64 bits, `{"$complex": [re, im]}`, and `{"$dict": [[key, value], ...]}` for a dict whose
keys are not all strings or that has a key starting with `$`.

This file is also mounted into the sandbox: it imports the standard library only.
"""

import math

MAX_DEPTH = 64
MAX_ITEMS = 1_000_000


class NotPlain(ValueError):
    """The value is not plain data; the message says what it is."""


def encode(value, _depth=0, _count=None):
    """Turn plain data into a JSON-ready value. Raises NotPlain for anything else."""
    count = _count if _count is not None else [0]
    count[0] += 1
    if _depth > MAX_DEPTH:
        raise NotPlain(f"nested deeper than {MAX_DEPTH} levels, or a cycle")
    if count[0] > MAX_ITEMS:
        raise NotPlain(f"more than {MAX_ITEMS} items")
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**63 else {"$int": hex(value)}
    if kind is float:
        return value if math.isfinite(value) else {"$float": repr(value)}
    if kind is complex:
        return {"$complex": [encode(value.real), encode(value.imag)]}
    if kind is bytes:
        return {"$bytes": value.hex()}
    if kind is list:
        return [encode(item, _depth + 1, count) for item in value]
    if kind is tuple:
        return {"$tuple": [encode(item, _depth + 1, count) for item in value]}
    if kind is set or kind is frozenset:
        return {"$" + kind.__name__: [encode(item, _depth + 1, count) for item in sorted_by_repr(value)]}
    if kind is dict:
        if all(type(key) is str and not key.startswith("$") for key in value):
            return {key: encode(item, _depth + 1, count) for key, item in value.items()}
        pairs = [[encode(k, _depth + 1, count), encode(v, _depth + 1, count)] for k, v in value.items()]
        return {"$dict": pairs}
    raise NotPlain(f"a value of type {kind.__name__} is not plain data")


def decode(value, _depth=0):
    """Turn what `encode` made back into plain data. Raises NotPlain for any other shape."""
    if _depth > MAX_DEPTH + 2:
        raise NotPlain("nested too deep")
    if type(value) is list:
        return [decode(item, _depth + 1) for item in value]
    if type(value) is not dict:
        return value
    if len(value) == 1:
        (tag, body), = value.items()
        if tag.startswith("$"):
            return _decode_tagged(tag, body, _depth)
    return {key: decode(item, _depth + 1) for key, item in value.items()}


def _decode_tagged(tag, body, depth):
    try:
        if tag == "$int":
            return int(body, 16)
        if tag == "$float":
            return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[body]
        if tag == "$bytes":
            return bytes.fromhex(body)
        if tag == "$complex":
            return complex(decode(body[0]), decode(body[1]))
        if tag in ("$tuple", "$set", "$frozenset"):
            make = {"$tuple": tuple, "$set": set, "$frozenset": frozenset}[tag]
            return make([decode(item, depth + 1) for item in body])
        if tag == "$dict":
            return {decode(key, depth + 1): decode(item, depth + 1) for key, item in body}
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise NotPlain(f"a broken {tag} value: {error}") from None
    raise NotPlain(f"unknown tag {tag}")


def sorted_by_repr(items):
    """A stable order for set members of mixed types, so that equal sets encode alike."""
    return sorted(items, key=lambda item: (type(item).__name__, hex(item) if type(item) is int else repr(item)))


def equal(expected, got, abs_tol=None, loose=False):
    """Compare as DESIGN.md says: `==`, floats within 1e-9 relative (or `abs_tol`), NaN equals NaN.

    With `loose` (the expected value came from JSON, which has no tuples) a list also matches a tuple.
    Both values must be plain data.
    """
    number = (int, float, bool)
    if isinstance(expected, number) and isinstance(got, number):
        if isinstance(expected, float) or isinstance(got, float):
            return _close(expected, got, abs_tol)
        return expected == got
    if isinstance(expected, complex) or isinstance(got, complex):
        return isinstance(expected, (*number, complex)) and isinstance(got, (*number, complex)) and (
            _close(expected.real, got.real, abs_tol) and _close(expected.imag, got.imag, abs_tol))
    if isinstance(expected, (list, tuple)) and isinstance(got, (list, tuple)):
        if type(expected) is not type(got) and not loose:
            return False
        pairs = zip(expected, got, strict=False)
        return len(expected) == len(got) and all(equal(a, b, abs_tol, loose) for a, b in pairs)
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(equal(expected[k], got[k], abs_tol, loose) for k in expected)
    return expected == got


def _close(expected, got, abs_tol):
    try:
        if math.isnan(expected) or math.isnan(got):
            return math.isnan(expected) and math.isnan(got)
        return expected == got or math.isclose(expected, got, rel_tol=1e-9, abs_tol=abs_tol or 0.0)
    except OverflowError:  # an int too large for a float
        return expected == got
