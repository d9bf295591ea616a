"""Sampling: what is tried is what the hints and examples allow, the same on every machine."""

from __future__ import annotations

import ast
import random
import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ncg_ray import plain
from ncg_ray.types import Contract, Example, Task
from ncg_ray.verify.contracts import literals, parameters_of
from ncg_ray.verify.inputs import boundary, draw, mutate, sample, size
from ncg_ray.verify.shapes import shape_of_hint, shape_of_values


def parameters(signature: str) -> ast.arguments:
    found = parameters_of(Task("", signature=signature))
    assert found is not None
    return found


def shape(hint: str):
    return shape_of_hint(ast.parse(hint, mode="eval").body)


def fits(value: object, hint: object) -> bool:
    """Whether a value is of a type, checked on the real typing object rather than on its source."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if hint is typing.Any:
        return True
    if origin is typing.Literal:
        return value in args
    if origin in (typing.Union, type(int | str)):
        return any(fits(value, a) for a in args)
    if hint is None or hint is type(None):
        return value is None
    if origin is tuple and args[-1] is ...:
        return type(value) is tuple and all(fits(v, args[0]) for v in value)
    if origin is tuple:
        return type(value) is tuple and len(value) == len(args) and all(map(fits, value, args))
    if origin is dict:
        return type(value) is dict and all(fits(k, args[0]) and fits(v, args[1]) for k, v in value.items())
    if origin in (list, set, frozenset):
        return type(value) is origin and all(fits(v, args[0]) for v in value)
    return type(value) is hint


HINTS = ["int", "float", "bool", "str", "bytes", "None", "list[int]", "List[str]", "typing.List[List[int]]",
         "tuple[int, str]", "Tuple[float, ...]", "dict[str, int]", "Dict[int, List[str]]", "set[str]",
         "frozenset[int]", "Optional[int]", "Union[int, str]", "int | None", "list[int | None]", "Any",
         "Literal['a', 'b', 3]", "'list[int]'", "list[tuple[int, int]]", "set[tuple[int, str]]"]


@pytest.mark.parametrize("hint", HINTS)
def test_values_are_of_the_hinted_type(hint):
    names = {name: getattr(typing, name) for name in ("Any", "Dict", "List", "Literal", "Optional", "Tuple", "Union")}
    real = eval(hint, {"typing": typing} | names)
    real = eval(real) if isinstance(real, str) else real
    found, rng = shape(hint), random.Random(0)
    assert found is not None
    values = boundary(found) + [draw(found, rng) for _ in range(30)]
    assert values and all(fits(v, real) for v in values)
    for value in values:
        plain.encode(value)


@pytest.mark.parametrize("hint", ["Callable[[int], int]", "np.ndarray", "list[Widget]", "'not a hint ('", "T"])
def test_types_that_no_plain_value_has_are_not_sampled(hint):
    assert shape(hint) is None
    assert sample(parameters(f"def f(x: {hint})"), [], 10, "seed") == []


def test_without_hints_and_examples_nothing_is_known():
    assert sample(parameters("def f(x, y)"), [], 10, "seed") == []
    assert sample(None, [], 10, "seed") == []


def test_deterministic_distinct_and_smallest_first():
    hints, examples = parameters("def f(xs: list[int], k: int)"), [Example(([3, 1, 2], 2))]
    calls = sample(hints, examples, 24, "task-1")
    assert calls == sample(hints, examples, 24, "task-1") and calls != sample(hints, examples, 24, "task-2")
    assert len(calls) == 24 and calls == sorted(calls, key=size)
    keys = [repr((c.args, c.kwargs)) for c in calls]
    assert len(set(keys)) == 24 and repr((([3, 1, 2], 2), {})) not in keys
    assert any(call.args[0] == [] for call in calls)


def test_examples_alone_give_arguments_of_their_shape():
    calls = sample(None, [Example(("abc", [1, 2]), {"flag": True})], 20, "seed")
    assert calls and all(isinstance(c.args[0], str) and isinstance(c.args[1], list) for c in calls)
    assert all(c.kwargs == {"flag": True} for c in calls)


def test_a_parameter_with_a_default_and_no_hint_keeps_its_default():
    assert {len(c.args) for c in sample(parameters("def f(x: int, key=None)"), [], 8, "seed")} == {1}


def test_no_parameters_is_one_call():
    assert [c.args for c in sample(parameters("def f() -> int"), [], 8, "seed")] == [()]


def test_strings_use_the_alphabet_of_the_examples():
    examples = [Example(("(()",)), Example((")(",))]
    drawn = shape_of_values([e.args[0] for e in examples])
    rng = random.Random(1)
    assert {c for _ in range(30) for c in draw(drawn, rng)} == {"(", ")"}


def test_literals_of_the_contract_are_tried():
    assert set(literals([Contract("requires", "x > 4096 and s != 'key'")])) == {4096, 4095, 4097, "key"}
    calls = sample(parameters("def f(x: int)"), [], 12, "seed", [4096, 4097])
    assert {(4096,), (4097,)} <= {c.args for c in calls}


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner,
                                                                                          max_size=3), max_leaves=8)


@settings(max_examples=50)
@given(plain_values, st.integers(0, 1000))
def test_a_mutant_is_plain_and_leaves_the_original_alone(value, seed):
    before = repr(value)
    mutant = mutate(value, random.Random(seed))
    plain.encode(mutant)
    assert repr(value) == before and (type(mutant) is type(value))


@given(st.lists(plain_values, min_size=1, max_size=3))
def test_any_example_can_be_sampled_from(values):
    calls = sample(None, [Example(tuple(values))], 6, "seed")
    assert len(calls) <= 6 and all(len(c.args) == len(values) for c in calls)
