import itertools

import pytest

from ncg_ray.errors import InputError
from ncg_ray.records import from_json, stable_hash, to_json
from ncg_ray.types import Answer, Attempt, Candidate, Counterexample, Decision, Example, Level, Reason, Task, Trace, Verdict
from ncg_ray.verdicts import headline, strongest


def verdict(level, engine="examples", **more):
    return Verdict(level, more.pop("obligation", engine), engine, **more)


REFUTATION = verdict(Level.REFUTED, "property", reason=Reason.COUNTEREXAMPLE,
                     counterexample=Counterexample((1,), {}, "2", "3"))


class TestVerdictAlgebra:
    def test_levels_are_ordered(self):
        assert Level.REFUTED < Level.UNKNOWN < Level.TESTED < Level.BOUNDED < Level.PROVED

    def test_a_counterexample_beats_any_engine_short_of_proof(self):
        for level in (Level.UNKNOWN, Level.TESTED, Level.BOUNDED):
            assert strongest([verdict(level, "concolic"), REFUTATION]).level is Level.REFUTED

    def test_proof_beside_counterexample_is_an_alarm(self):
        combined = strongest([verdict(Level.PROVED, "smt"), REFUTATION])
        assert (combined.level, combined.reason) == (Level.UNKNOWN, Reason.ERROR)
        assert "soundness alarm" in combined.detail

    def test_else_the_strongest_engine_speaks(self):
        assert strongest([verdict(Level.UNKNOWN, "smt"), verdict(Level.TESTED)]).level is Level.TESTED

    def test_order_of_engines_never_matters(self):
        everything = [verdict(Level.PROVED, "smt"), REFUTATION, verdict(Level.TESTED), verdict(Level.UNKNOWN, "concolic")]
        assert len({strongest(order).level for order in itertools.permutations(everything)}) == 1

    @pytest.mark.parametrize("verdicts,level", [
        ([], Level.UNKNOWN),
        ([verdict(Level.TESTED)], Level.TESTED),
        ([verdict(Level.TESTED), verdict(Level.PROVED, "smt")], Level.PROVED),
        ([verdict(Level.REFUTED), verdict(Level.PROVED, "smt")], Level.REFUTED),
        ([verdict(Level.BOUNDED, "smt"), verdict(Level.PROVED, "smt")], Level.BOUNDED),
        ([verdict(Level.TESTED), verdict(Level.UNKNOWN, "property")], Level.UNKNOWN),
        ([verdict(Level.PROVED, "smt", origin="generated")], Level.UNKNOWN),
        ([verdict(Level.PROVED, "smt", origin="generated", num_checked=3)], Level.TESTED),
        ([verdict(Level.UNKNOWN, origin="generated", num_checked=3)], Level.UNKNOWN),
        ([verdict(Level.TESTED), verdict(Level.UNKNOWN, origin="generated", num_checked=3)], Level.TESTED),
        ([verdict(Level.UNKNOWN), verdict(Level.PROVED, "smt")], Level.UNKNOWN),
    ])
    def test_headline(self, verdicts, level):
        assert headline(verdicts) is level


def full_trace():
    task = Task("add", examples=(Example((1, (2, 3)), {"k": {1.5, 2.5}}, float("inf")), Example(raises="ValueError")))
    attempt = Attempt(0, 0, Candidate("def f(): pass\n"), (REFUTATION,), Level.REFUTED)
    answer = Answer("def f(): pass\n", "REFUTED", 0.01, "adaptive", 0, evidence=(REFUTATION,))
    return Trace("id", task, "adaptive", answer, (attempt,), (Decision("generate", "greedy candidate"),))


class TestJson:
    def test_a_trace_survives_the_round_trip(self):
        trace = full_trace()
        assert from_json(Trace, to_json(trace)) == trace

    def test_hash_is_stable_and_sees_every_field(self):
        assert stable_hash(full_trace()) == stable_hash(full_trace())
        assert stable_hash(Task("a")) != stable_hash(Task("b"))

    @pytest.mark.parametrize("data,said", [
        ({"code": "x", "colour": 1}, "unknown key 'colour'"), ({}, "'code' is missing"),
        ({"code": 3}, "expected str, got 3"), ({"code": "x", "origin": "guess"}, "'guess' is not one of"), ([], "object")])
    def test_what_does_not_fit_is_named(self, data, said):
        with pytest.raises(InputError, match=said):
            from_json(Candidate, data)


def test_equal_code_is_the_same_candidate_even_with_lone_surrogates():
    assert Candidate("x\udc80").id == Candidate("x\udc80", "greedy").id != Candidate("y").id
