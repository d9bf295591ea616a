"""Reading stored Traces, picking by the reward, measuring the picks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_traces import Made, file_bytes, line, mixed

from ncg_ray.errors import InfrastructureError, InputError
from ncg_ray.tuning.score import StoredScorer, part_sizes, pick
from ncg_ray.tuning.traces import Case, Option, describe, load_bytes, read_cases

relaxed = settings(deadline=None)  # the machine may be busy
DEFAULT = (0.6, 0.15, 0.15, 0.1)
SECURITY, QUALITY = (0.2, 0.8, 0.0, 0.0), (0.2, 0.0, 0.8, 0.0)


def one(*attempts: Made) -> Case:
    """The case of one task; another one beside it makes the file one that a sweep can learn from."""
    other = line("other", Made(), Made(risk=0.5))
    return read_cases(file_bytes(line("t", *attempts), other), "x").eligible[0]


class TestPick:
    INSECURE, SECURE = Made(risk=0.4, quality=1.0), Made(risk=0.0, quality=0.7)

    def test_weights_decide(self):
        case = one(self.INSECURE, self.SECURE)
        assert pick(case, QUALITY) is case.options[0] and pick(case, SECURITY) is case.options[1]

    def test_by_the_gated_reward(self):
        # The total would prefer the second (0.875 to 0.575), of which only half of the checks pass: gated 0.5 to 0.575.
        case = one(Made(passed=4, risk=0.9, quality=0.2), Made(passed=2))
        assert pick(case, (0.25, 0.25, 0.25, 0.25)) is case.options[0]

    def test_the_first_of_equals(self):
        case = one(Made(), Made(), Made())
        assert pick(case, DEFAULT) is case.options[0]

    def test_of_equals_up_to_rounding_the_first(self):
        one_way, other_way = Made(risk=0.1, quality=0.7), Made(risk=0.3, quality=0.9)
        for made in ((one_way, other_way), (other_way, one_way)):
            case = one(*made)
            assert pick(case, (0.4, 0.3, 0.3, 0.0)) is case.options[0]

    @relaxed
    @given(st.lists(st.booleans(), min_size=3, max_size=3), st.sampled_from([DEFAULT, SECURITY, QUALITY]))
    def test_hidden_results_have_no_say(self, hidden, weights):
        made = [Made(risk=0.2), Made(quality=0.8), Made(passed=3)]
        case = one(*(Made(m.passed, m.risk, m.quality, hidden=h) for m, h in zip(made, hidden, strict=True)))
        assert case.options.index(pick(case, weights)) == one(*made).options.index(pick(one(*made), weights))

    def test_by_the_total_where_the_checks_tell_nothing(self):
        case = one(Made(baseline=1.0, risk=0.4), Made(baseline=1.0, quality=0.7))
        assert not case.gated and case.num_gaps == 0
        assert pick(case, SECURITY) is case.options[1] and pick(case, QUALITY) is case.options[0]

    def test_what_could_be_faked_does_not_compete_with_what_could_not(self):
        case = one(Made(forgeable=True), Made(passed=2, risk=0.5))
        assert case.gated and case.num_gaps == 1 and [o.passed for o in case.options] == [True]
        assert case.options[0].terms[0] == 0.5

    def test_code_that_does_not_parse_earns_nothing_and_is_not_secure(self):
        case = one(Made(passed=0, risk=None, quality=None, licence=None, code="def f(:", hidden=False), Made(passed=1))
        assert case.num_gaps == 0 and not case.options[0].secure and pick(case, DEFAULT) is case.options[1]


class TestGaps:
    def test_a_missing_term_is_not_a_zero(self):
        case = one(Made(risk=None), Made(passed=1, risk=0.9))
        assert case.num_gaps == 1 and len(case.options) == 1 and case.options[0].terms[1] == pytest.approx(0.1)

    def test_a_task_without_a_reward_is_left_out_and_counted(self):
        cases = read_cases(file_bytes(line("a", Made(risk=None)), line("b"), line("c", Made(), Made(risk=0.1))), "x")
        assert [c.task_id for c in cases.eligible] == ["c"] and cases.num_left_out == 2

    def test_attempts_that_were_not_scored(self):
        broken = line("a", Made(), Made())
        broken["attempts"][0]["reward"] = None
        broken["attempts"][1]["analysis"] = None
        cases = read_cases(file_bytes(broken, line("c", Made(), Made(risk=0.1))), "x")
        assert cases.num_left_out == 1

    def test_nothing_could_be_measured_anywhere(self):
        with pytest.raises(InfrastructureError, match="of no attempt the reward could be measured"):
            read_cases(file_bytes(line("a", Made(risk=None), Made(quality=None))), "x")


class TestRead:
    GOOD = file_bytes(line("a", Made(), Made(risk=0.2)))

    def test_good(self):
        case, = read_cases(self.GOOD, "x").eligible
        assert case.task_id == "a" and [o.terms for o in case.options] == [(1, 1, 1, 1), (1, 0.8, 1, 1)]
        assert [o.secure for o in case.options] == [True, False]

    @pytest.mark.parametrize("text", [b"{", b"[]", b"3", b"null", b"\xff\xfe", b'{"graded": 3}', b'{"graded": null}',
                                      b'{"graded": {"attempts": [true]}}', b'{"graded": {"attempts": null}, "task_id": 1}'])
    def test_a_broken_line(self, text):
        with pytest.raises(InputError, match=r"'x.jsonl' line 2") as caught:
            read_cases(self.GOOD + text + b"\n", "x.jsonl")
        assert caught.value.context["line"] == 2 and "\n" not in caught.value.message

    def test_a_line_that_was_cut_short(self):
        with pytest.raises(InputError, match=r"line 2.*mends"):
            read_cases(self.GOOD + self.GOOD[:200], "x")

    @pytest.mark.parametrize("change,message", [
        ({"graded": {"solved": True}}, "not graded"), ({"graded": {"attempts": [True]}}, "2 attempts and 1 grades"),
        ({"graded": {"attempts": [1, 0]}}, "grades"), ({"colour": "red"}, "colour"), ({"attempts": [3]}, "line 1"),
        ({"task": None}, "expected an object")])
    def test_a_line_that_does_not_fit(self, change, message):
        with pytest.raises(InputError, match=message):
            read_cases(file_bytes(line("a", Made(), Made(), **change)), "x")

    def test_empty(self):
        with pytest.raises(InputError, match="no lines"):
            read_cases(b"\n\n", "x")

    def test_no_choice_anywhere(self):
        same = Made(code="def f(x):\n    return x + 1\n")
        with pytest.raises(InputError, match=r"no task has two different candidates.*--samples"):
            read_cases(file_bytes(line("a", Made()), line("b", same, same)), "x")

    def test_no_file(self, tmp_path):
        for path in (tmp_path / "missing.jsonl", tmp_path):
            with pytest.raises(InputError, match=r"tune.traces = .*give a .traces.jsonl"):
                load_bytes(str(path))
        with pytest.raises(InputError, match=r"tune\.traces"):
            load_bytes("nosuchprotocol://x/y")

    def test_a_file_behind_a_url(self):
        import fsspec

        fsspec.filesystem("memory").pipe_file("/sweep/x.traces.jsonl", self.GOOD)
        assert load_bytes("memory://sweep/x.traces.jsonl") == self.GOOD

    def test_what_differs(self):
        a, b = line("a", Made(), Made(risk=0.2, hidden=False)), line("b", Made(passed=1), Made())
        cases = read_cases(file_bytes(a, b), "x")
        assert cases.differing() == {"tests": 1, "security": 1, "quality": 0, "licence": 0, "hidden": 1}
        assert describe(cases).startswith("2 tasks; candidates differ in tests in 1, security in 1")


class TestScorer:
    CASES = read_cases(mixed(13), "x").eligible

    def scorer(self, num_parts=4, seed=0):
        return StoredScorer(self.CASES, DEFAULT, num_parts, seed)

    def test_parts_grow_to_all_tasks(self):
        scorer = self.scorer()
        assert [s.num_tasks for s in scorer(DEFAULT)] == scorer.sizes == [4, 7, 10, 13]
        assert scorer.num_parts == 4

    @relaxed
    @given(st.integers(1, 200), st.integers(1, 50))
    def test_part_sizes(self, num_tasks, num_parts):
        sizes = part_sizes(num_tasks, num_parts)
        assert sizes == sorted(set(sizes)) and sizes[-1] == num_tasks and sizes[0] >= 1
        assert len(sizes) == min(num_tasks, num_parts)

    def test_the_last_part_is_the_whole_whatever_the_shuffle(self):
        for weights in (DEFAULT, SECURITY, QUALITY):
            last = [list(self.scorer(n, seed)(weights))[-1] for n, seed in ((1, 0), (4, 0), (4, 7))]
            picks = [pick(case, weights) for case in self.CASES]
            assert {s.num_passed for s in last} == {sum(p.passed for p in picks)}
            assert {s.num_secure for s in last} == {sum(p.terms[1] == 1.0 for p in picks)}
            assert {s.num_changed for s in last} == {
                sum(p.code != pick(c, DEFAULT).code for c, p in zip(self.CASES, picks, strict=True))}

    def test_by_hand(self):
        cases = read_cases(file_bytes(line("a", Made(risk=0.4, hidden=False), Made(quality=0.5)),
                                      line("b", Made(risk=0.4, quality=0.8), Made(quality=0.5, hidden=False))), "x").eligible
        scorer = StoredScorer(cases, QUALITY, 1, 0)
        by_quality, = scorer(QUALITY)
        by_security, = scorer(SECURITY)
        assert (by_quality.pass_rate, by_quality.security_rate, by_quality.quality, by_quality.num_changed) == (
            0.5, 0.0, pytest.approx(0.9), 0)
        assert (by_security.pass_rate, by_security.security_rate, by_security.quality, by_security.num_changed) == (
            0.5, 1.0, 0.5, 2)
        assert by_security.objective(0.5) == 0.75 and by_security.objective(0.0) == 0.5 and by_quality.objective(1.0) == 0.0

    def test_it_is_the_same_in_another_process(self):
        import pickle

        again = pickle.loads(pickle.dumps(self.scorer()))
        assert list(again(SECURITY)) == list(self.scorer()(SECURITY))


unit = st.floats(0, 1)


@relaxed
@given(st.lists(st.tuples(unit, unit, unit, unit), min_size=1, max_size=6), st.floats(0, 0.9), unit, unit)
def test_more_weight_on_security_never_picks_what_is_less_secure(terms, baseline, low, high):
    """Among attempts that pass the same checks: the rest of the weight stays in its proportion."""
    options = tuple(Option(str(i), (1.0, *t[1:]), baseline, False, True) for i, t in enumerate(terms))
    case = Case("t", options, gated=True)
    low, high = sorted((low, high))
    picked = [pick(case, (0.5 * (1 - w), w, 0.25 * (1 - w), 0.25 * (1 - w))).terms[1] for w in (low, high)]
    assert picked[0] <= picked[1] + 1e-6


def test_lines_are_those_of_an_evaluation():
    """What the other tests read has the keys that `ncg evaluate` writes."""
    made = json.loads(mixed(1).splitlines()[0])
    assert {"task_id", "mode", "graded", "attempts", "task", "answer"} <= set(made)
