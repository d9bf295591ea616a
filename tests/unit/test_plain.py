import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncg_ray import plain

scalars = (st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
           | st.complex_numbers(allow_nan=False))
hashable = st.none() | st.booleans() | st.integers() | st.text() | st.tuples(st.integers(), st.text())
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner)
                      | st.dictionaries(hashable, inner, max_size=4) | st.sets(hashable, max_size=4)
                      | st.frozensets(hashable, max_size=4), max_leaves=12)


def same(a, b):
    """Equal, of the same types all the way down, with NaN equal to NaN and -0.0 apart from 0.0."""
    return repr(a) == repr(b) if isinstance(a, float | complex) else type(a) is type(b) and (
        len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True)) if isinstance(a, list | tuple) else
        list(a) == list(b) and all(same(a[k], b[k]) for k in a) if isinstance(a, dict) else a == b)


@given(values)
def test_round_trip_through_json_loses_nothing(value):
    assert same(value, plain.decode(json.loads(json.dumps(plain.encode(value)))))


@given(values)
def test_every_value_equals_itself(value):
    assert plain.equal(value, plain.decode(plain.encode(value)))


class Sly(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize("value", [Sly(3), [Sly(3)], {"a": Sly(1)}, object(), len, lambda: 0, range(3), iter([])])
def test_only_exact_types_are_plain(value):
    with pytest.raises(plain.NotPlain, match="not plain data"):
        plain.encode(value)


def test_cycles_are_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(plain.NotPlain, match="cycle"):
        plain.encode(loop)


@pytest.mark.parametrize("broken", [{"$set": [[1]]}, {"$int": "zz"}, {"$what": 1}, {"$float": "1"}, {"$bytes": 3},
                                    {"$dict": [[1]]}, {"$complex": []}])
def test_broken_tags_are_refused(broken):
    with pytest.raises(plain.NotPlain):
        plain.decode(broken)


@pytest.mark.parametrize("expected,got,options,answer", [
    (1, True, {}, True), (1.0, 1, {}, True), (0.1 + 0.2, 0.3, {}, True), (1.0, 1.001, {}, False),
    (1.0, 1.001, {"abs_tol": 0.01}, True), (math.nan, math.nan, {}, True), (math.inf, math.inf, {}, True),
    ([1, 2], (1, 2), {}, False), ([1, 2], (1, 2), {"loose": True}, True), ([[1]], ((1,),), {"loose": True}, True),
    ({1, 2}, {2, 1}, {}, True), ([1, 2], {1, 2}, {"loose": True}, False), ({"a": 0.3}, {"a": 0.1 + 0.2}, {}, True),
    ({"a": 1}, {"b": 1}, {}, False), ("1", 1, {}, False), (None, None, {}, True), (10**400, 1e308, {}, False),
    (1 + 1j, 1 + 1j, {}, True), ([1, 2], [1], {}, False)])
def test_equal(expected, got, options, answer):
    assert plain.equal(expected, got, **options) is answer
