"""The productions of the grammar: source, kinds of the arguments, meaning, and prior cost in bits.

A cost is about `-log2` of how often the production stands in short Python functions, by rough judgement; sums of costs are
description lengths. Comparisons exist as `==`, `<` and `<=` only: the others are these with their sides changed.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ncg_ray.generate.symbolic import operations as do


@dataclass(frozen=True, slots=True)
class Production:
    """One way to make a term of others."""

    name: str
    source: str
    "An expression over `_0`, `_1`, `_2`."
    kinds: tuple[str, ...]
    "A pattern of `kinds.PATTERNS` for each argument."
    apply: Callable[..., Any]
    cost: int
    relation: str = ""
    "See `kinds.related`."
    commutes: bool = False
    result: str = ""
    "`iter` where the values are lists that stand for something which can only be walked through."


def _make(name: str, source: str, kinds: str, apply: Callable[..., Any], cost: int, relation: str = "",
          commutes: bool = False, result: str = "") -> Production:
    return Production(name, source, tuple(kinds.split()), apply, cost, relation, commutes, result)


ARITHMETIC = [
    _make("add", "_0 + _1", "number number", operator.add, 3, commutes=True),
    _make("subtract", "_0 - _1", "number number", operator.sub, 3),
    _make("multiply", "_0 * _1", "number number", do.multiply, 3, commutes=True),
    _make("floordiv", "_0 // _1", "int int", operator.floordiv, 4),
    _make("mod", "_0 % _1", "int int", operator.mod, 4),
    _make("divide", "_0 / _1", "number number", operator.truediv, 5),
    _make("power", "_0 ** _1", "number int", do.power, 5),
    _make("negate", "-_0", "number", operator.neg, 5),
    _make("absolute", "abs(_0)", "number", abs, 4),
    _make("round", "round(_0)", "float", round, 6),
    _make("round_to", "round(_0, _1)", "float int", do.rounded, 6),
    _make("truncate", "int(_0)", "float", int, 5),
    _make("larger", "max(_0, _1)", "ordered ordered", max, 4, "same", True),
    _make("smaller", "min(_0, _1)", "ordered ordered", min, 4, "same", True),
    _make("xor", "_0 ^ _1", "int int", operator.xor, 6, commutes=True),
    _make("bit_and", "_0 & _1", "int int", operator.and_, 6, commutes=True),
    _make("bit_or", "_0 | _1", "int int", operator.or_, 7, commutes=True),
    _make("shift", "_0 >> _1", "int int", operator.rshift, 7),
    _make("sqrt", "math.sqrt(_0)", "number", math.sqrt, 6),
    _make("isqrt", "math.isqrt(_0)", "int", math.isqrt, 7),
    _make("ceil", "math.ceil(_0)", "float", math.ceil, 6),
    _make("floor", "math.floor(_0)", "float", math.floor, 7),
    _make("factorial", "math.factorial(_0)", "int", do.factorial, 7),
    _make("gcd", "math.gcd(_0, _1)", "int int", math.gcd, 7, commutes=True),
    _make("binomial", "math.comb(_0, _1)", "int int", do.binomial, 8),
    _make("float", "float(_0)", "int", float, 7),
]

LOGIC = [
    _make("equal", "_0 == _1", "any any", operator.eq, 3, "same", True),
    _make("less", "_0 < _1", "ordered ordered", operator.lt, 4, "same"),
    _make("at_most", "_0 <= _1", "ordered ordered", operator.le, 5, "same"),
    _make("not", "not _0", "bool", operator.not_, 3),
    _make("empty", "not _0", "truthy", operator.not_, 6),
    _make("and", "_0 and _1", "bool bool", operator.and_, 4, commutes=True),
    _make("or", "_0 or _1", "bool bool", operator.or_, 4, commutes=True),
    _make("choose", "_1 if _0 else _2", "bool any any", lambda c, a, b: a if c else b, 7, "branches"),
    _make("is_int", "isinstance(_0, int)", "mixed", lambda v: isinstance(v, int), 5),
    _make("is_text", "isinstance(_0, str)", "mixed", lambda v: isinstance(v, str), 5),
    _make("is_list", "isinstance(_0, list)", "mixed", lambda v: isinstance(v, list), 6),
    _make("is_tuple", "isinstance(_0, tuple)", "mixed", lambda v: isinstance(v, tuple), 6),
]

TEXTS = [
    _make("join_texts", "_0 + _1", "str str", do.join, 3),
    _make("repeat_text", "_0 * _1", "str int", do.repeat, 5),
    _make("upper", "_0.upper()", "str", str.upper, 5),
    _make("lower", "_0.lower()", "str", str.lower, 4),
    _make("title", "_0.title()", "str", str.title, 6),
    _make("capitalize", "_0.capitalize()", "str", str.capitalize, 6),
    _make("swapcase", "_0.swapcase()", "str", str.swapcase, 6),
    _make("strip", "_0.strip()", "str", str.strip, 5),
    _make("strip_of", "_0.strip(_1)", "str str", str.strip, 7),
    _make("split", "_0.split()", "str", str.split, 4),
    _make("split_at", "_0.split(_1)", "str str", str.split, 5),
    _make("join", "_1.join(_0)", "texts str", lambda items, text: text.join(items), 4),
    _make("replace", "_0.replace(_1, _2)", "str str str", do.replace, 5),
    _make("count_text", "_0.count(_1)", "str str", str.count, 4),
    _make("find", "_0.find(_1)", "str str", str.find, 6),
    _make("rfind", "_0.rfind(_1)", "str str", str.rfind, 7),
    _make("starts", "_0.startswith(_1)", "str str", str.startswith, 5),
    _make("ends", "_0.endswith(_1)", "str str", str.endswith, 5),
    _make("isdigit", "_0.isdigit()", "str", str.isdigit, 5),
    _make("isalpha", "_0.isalpha()", "str", str.isalpha, 5),
    _make("isalnum", "_0.isalnum()", "str", str.isalnum, 6),
    _make("isupper", "_0.isupper()", "str", str.isupper, 5),
    _make("islower", "_0.islower()", "str", str.islower, 5),
    _make("isspace", "_0.isspace()", "str", str.isspace, 6),
    _make("isidentifier", "_0.isidentifier()", "str", str.isidentifier, 8),
    _make("text", "str(_0)", "scalar", do.to_text, 4),
    _make("to_int", "int(_0)", "str", do.to_int, 4),
    _make("to_float", "float(_0)", "str", float, 7),
    _make("ord", "ord(_0)", "str", ord, 6),
    _make("chr", "chr(_0)", "int", chr, 6),
    _make("binary", "bin(_0)[2:]", "int", lambda n: bin(n)[2:], 7),
    _make("hexadecimal", "hex(_0)[2:]", "int", lambda n: hex(n)[2:], 8),
    _make("in_text", "_0 in _1", "str str", lambda a, b: a in b, 4),
    _make("lines", "_0.splitlines()", "str", str.splitlines, 8),
    _make("zero_fill", "_0.zfill(_1)", "str int", lambda text, n: do.join(text.zfill(min(n, 200)), ""), 9),
]

SEQUENCES = [
    _make("len", "len(_0)", "sized", len, 2),
    _make("item", "_0[_1]", "sequence int", operator.getitem, 3),
    _make("from", "_0[_1:]", "sequence int", lambda s, i: s[i:], 4),
    _make("until", "_0[:_1]", "sequence int", lambda s, i: s[:i], 4),
    _make("between", "_0[_1:_2]", "sequence int int", lambda s, i, j: s[i:j], 5),
    _make("every", "_0[::_1]", "sequence int", lambda s, k: s[::k], 7),
    _make("every_from", "_0[_1::_2]", "sequence int int", lambda s, i, k: s[i::k], 8),
    _make("backwards", "_0[::-1]", "sequence", lambda s: s[::-1], 6),
    _make("sorted", "sorted(_0)", "comparables", sorted, 3),
    _make("sorted_down", "sorted(_0, reverse=True)", "comparables", lambda s: sorted(s, reverse=True), 5),
    _make("sum", "sum(_0)", "numbers", do.total, 3),
    _make("max", "max(_0)", "comparables", max, 3),
    _make("min", "min(_0)", "comparables", min, 3),
    _make("any", "any(_0)", "numbers", any, 4),
    _make("all", "all(_0)", "numbers", all, 4),
    _make("product", "math.prod(_0)", "numbers", do.product, 6),
    _make("list", "list(_0)", "unlisted", list, 3),
    _make("tuple", "tuple(_0)", "untupled", tuple, 3),
    _make("set", "set(_0)", "hashables", set, 3),
    _make("contains", "_0 in _1", "any group", lambda a, b: a in b, 3, "member"),
    _make("count", "_0.count(_1)", "row any", lambda s, x: s.count(x), 4, "key"),
    _make("index", "_0.index(_1)", "row any", do.index_of, 5, "key"),
    _make("join_lists", "_0 + _1", "row row", do.join, 3, "same"),
    _make("repeat_list", "_0 * _1", "row int", do.repeat, 5),
    _make("one", "[_0]", "any", lambda x: [x], 6),
    _make("one_tuple", "(_0,)", "any", lambda x: (x,), 7),
    _make("two", "[_0, _1]", "any any", lambda x, y: [x, y], 8),
    _make("pair", "(_0, _1)", "any any", lambda x, y: (x, y), 7),
    _make("triple", "(_0, _1, _2)", "scalar scalar scalar", lambda x, y, z: (x, y, z), 10),
    _make("range", "range(_0)", "int", do.numbers, 3, result="iter"),
    _make("range_from", "range(_0, _1)", "int int", do.numbers, 4, result="iter"),
    _make("range_through", "range(_0, _1 + 1)", "int int", do.numbers_through, 4, result="iter"),
    _make("range_step", "range(_0, _1, _2)", "int int int", do.numbers, 8, result="iter"),
    _make("zip", "zip(_0, _1)", "collection collection", do.pairs, 5, result="iter"),
    _make("enumerate", "enumerate(_0)", "collection", do.numbered, 5, result="iter"),
    _make("flatten", "[x for part in _0 for x in part]", "nested", do.flattened, 6),
    _make("transpose", "[list(row) for row in zip(*_0)]", "nested", do.transposed, 8),
    _make("distinct", "list(dict.fromkeys(_0))", "hashables", do.distinct, 6),
    _make("choices", "combinations(_0, _1)", "row int", do.choices, 7, result="iter"),
    _make("nlargest", "heapq.nlargest(_1, _0)", "comparables int", do.largest, 7),
    _make("nsmallest", "heapq.nsmallest(_1, _0)", "comparables int", do.smallest, 7),
]

KEYED = [
    _make("union", "_0 | _1", "set set", operator.or_, 4, "same", True),
    _make("common", "_0 & _1", "set set", operator.and_, 4, "same", True),
    _make("difference", "_0 - _1", "set set", operator.sub, 4, "same"),
    _make("one_sided", "_0 ^ _1", "set set", operator.xor, 5, "same", True),
    _make("subset", "_0 <= _1", "set set", operator.le, 5, "same"),
    _make("items", "_0.items()", "dict", lambda d: list(d.items()), 3, result="iter"),
    _make("values", "_0.values()", "dict", lambda d: list(d.values()), 3, result="iter"),
    _make("lookup", "_0[_1]", "dict any", do.by_key, 4, "key"),
    _make("get", "_0.get(_1)", "dict any", lambda d, k: d.get(k), 5, "key"),
    _make("get_or", "_0.get(_1, _2)", "dict any scalar", lambda d, k, v: d.get(k, v), 7, "key"),
    _make("has_key", "_1 in _0", "dict any", lambda d, k: k in d, 4, "key"),
    _make("dict", "dict(_0)", "iter", dict, 5),
    _make("counter", "dict(Counter(_0))", "hashables", do.counted, 6),
    _make("most_common", "Counter(_0).most_common(_1)", "hashables int", do.most_common, 8),
    _make("merge", "{**_0, **_1}", "dict dict", do.merged, 6, "same"),
]

PRODUCTIONS = tuple([*ARITHMETIC, *LOGIC, *TEXTS, *SEQUENCES, *KEYED])
