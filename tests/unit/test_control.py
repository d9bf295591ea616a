from dataclasses import replace

import pytest

from ncg_ray import control
from ncg_ray.config import SearchConfig
from ncg_ray.control import FixedController, NeuralController
from ncg_ray.control.doubts import doubts
from ncg_ray.control.select import agreement, likeness, solved
from ncg_ray.types import Attempt, Candidate, Counterexample, Decision, Example, Level, Reward, Task, Verdict

TASK = Task("double", examples=(Example((1,), returns=2), Example((2,), returns=4), Example((3,), returns=6)))


def attempt(index, passed, checked=3, code=None, behaviour="", logprob=None, gated=None, origin="user"):
    level = Level.TESTED if passed == checked and checked else Level.REFUTED
    if origin == "generated" and level is Level.REFUTED:
        level = Level.UNKNOWN
    verdicts = (Verdict(level, "examples", "examples", origin, num_passed=passed, num_checked=checked),) if checked else ()
    reward = Reward(0, 1, 1, 1, 0.4, gated) if gated is not None else None
    candidate = Candidate(code or f"code {index}", "sample", "f", logprob)
    return Attempt(index, 0, candidate, verdicts, level if checked else Level.UNKNOWN, None, reward, behaviour)


class TestSelect:
    def test_verdict_before_everything(self):
        assert control.select([attempt(0, 2, gated=0.9, logprob=-0.1), attempt(1, 3, logprob=-9)]).index == 1

    def test_then_share_passed(self):
        assert control.select([attempt(0, 1), attempt(1, 2)]).index == 1

    def test_then_the_largest_group_that_behaves_alike(self):
        group = [attempt(0, 3, behaviour="a", logprob=-0.1), attempt(1, 3, behaviour="b"), attempt(2, 3, behaviour="b")]
        assert control.select(group).index == 1

    def test_those_that_do_the_same_nearly_everywhere_vote_together(self):
        wrong = [attempt(n, 3, behaviour="x y z w", logprob=-0.1) for n in (0, 1)]
        right = [attempt(n, 3, behaviour=f"a b c {n}", logprob=-1) for n in (2, 3, 4)]
        assert control.select([*wrong, *right]).index == 2
        assert [likeness(a, [*wrong, *right]) for a in (wrong[0], right[0])] == [0.4, (1 + 2 * 0.75) / 5]
        assert likeness(attempt(9, 3, behaviour="x"), wrong) == 0.0

    def test_failed_candidates_have_no_vote(self):
        group = [attempt(0, 3, behaviour="a", logprob=-1), attempt(1, 3, behaviour="b", logprob=-2),
                 attempt(2, 1, behaviour="b"), attempt(3, 1, behaviour="b")]
        assert control.select(group).index == 0
        assert agreement(group[0], group) == 0.5

    def test_then_gated_reward_then_logprob_then_first(self):
        assert control.select([attempt(0, 3, gated=0.5), attempt(1, 3, gated=0.6)]).index == 1
        assert control.select([attempt(0, 3, logprob=-0.5), attempt(1, 3, logprob=-0.2)]).index == 1
        assert control.select([attempt(0, 3), attempt(1, 3)]).index == 0

    def test_assumed_examples_order_candidates_that_nothing_else_tells_apart(self):
        assert control.select([attempt(0, 1, origin="generated"), attempt(1, 2, origin="generated")]).index == 1


class TestConfidence:
    def test_grows_with_evidence_and_stays_in_range(self):
        levels = [control.confidence(a, [a]) for a in (
            attempt(0, 0), attempt(0, 1), attempt(0, 0, 0), attempt(0, 3, origin="generated"), attempt(0, 1, 1),
            attempt(0, 3), attempt(0, 30, 30))]
        assert levels == sorted(levels)
        assert levels[0] >= 0 and levels[-1] < 0.96

    def test_assumed_examples_never_give_more_than_half(self):
        a = attempt(0, 100, 100, origin="generated")
        assert control.confidence(a, [a]) <= 0.5

    def test_falls_where_solved_candidates_disagree(self):
        alone, other = attempt(0, 3, behaviour="a"), attempt(1, 3, behaviour="b")
        assert control.confidence(alone, [alone, other]) < control.confidence(alone, [alone])


async def play(controller, results):
    """Feed the controller; `results` gives for each step the list of shares (of 3) that its candidates pass."""
    attempts, decisions = [], []
    while True:
        decision = await controller.decide(TASK, attempts, decisions)
        decisions.append(decision)
        if decision.action == "stop":
            return decisions
        for passed in results.pop(0):
            attempts.append(attempt(len(attempts), passed))


async def test_neural_mode_takes_one_greedy_candidate_and_stops():
    decisions = await play(NeuralController(SearchConfig()), [[0]])
    assert [(d.action, d.temperature, d.num_candidates) for d in decisions] == [("generate", 0.0, 1), ("stop", 0.0, 1)]


async def test_a_greedy_candidate_that_passes_enough_ends_it():
    assert [d.action for d in await play(FixedController(SearchConfig()), [[3]])] == ["generate", "stop"]


async def test_where_a_constant_would_pass_too_samples_are_asked_before_the_greedy_candidate_is_believed():
    blind = replace(attempt(0, 1, 1), reward=Reward(1, 1, 1, 1, 1.0, None, baseline=1.0))
    first = Decision("generate", "greedy candidate")
    decision = await FixedController(SearchConfig()).decide(TASK, [blind], [first])
    assert (decision.action, decision.num_candidates) == ("generate", 10) and "constant" in decision.reason
    decision = await FixedController(SearchConfig()).decide(TASK, [blind, blind], [first, decision])
    assert decision.action == "stop"


async def test_samples_then_two_repairs_then_resampling():
    decisions = await play(FixedController(SearchConfig()), [[0], [1] * 10, [0] * 3, [0] * 3, [0] * 10])
    assert [d.action for d in decisions] == ["generate", "generate", "repair", "repair", "generate", "stop"]
    assert [d.num_candidates for d in decisions[:2]] == [1, 10]
    assert decisions[4].temperature > decisions[1].temperature
    assert decisions[2].target != decisions[3].target


async def test_where_samples_fail_edits_and_a_search_come_before_the_model_is_asked_again():
    controller = FixedController(SearchConfig(), ("edit", "synthesise"))
    decisions = await play(controller, [[0], [1] * 10, [2], [], [1], [0] * 3, [0] * 3, [0] * 10])
    assert [d.action for d in decisions] == ["generate", "generate", "edit", "edit", "synthesise", "repair", "repair",
                                             "generate", "stop"]
    assert decisions[2].target != decisions[3].target


async def test_a_patch_that_meets_everything_ends_it():
    controller = FixedController(SearchConfig(), ("edit", "synthesise"))
    assert [d.action for d in await play(controller, [[0], [1], [3]])] == ["generate", "generate", "edit", "stop"]


@pytest.mark.parametrize("knobs,engines,missing", [
    ({"edit_s": 0.0}, ("edit", "synthesise"), "edit"), ({"num_edited": 0}, ("edit", "synthesise"), "edit"),
    ({"synthesis_s": 0.0}, ("edit", "synthesise"), "synthesise"), ({}, ("edit",), "synthesise"),
    ({}, ("synthesise",), "edit")])
async def test_a_search_that_is_not_wanted_or_not_there_is_left_out(knobs, engines, missing):
    decisions = await play(FixedController(SearchConfig(**knobs), engines), [[0], [1], *[[0]] * 9])
    assert missing not in [d.action for d in decisions]


async def test_hybrid_searches_even_where_samples_agree_on_what_a_constant_would_meet():
    blind = replace(attempt(0, 1, 1), reward=Reward(1, 1, 1, 1, 1.0, None, baseline=1.0))
    steps = [Decision("generate", "greedy"), Decision("generate", "samples", 10, 0.4)]
    for always, action in ((False, "stop"), (True, "synthesise")):
        controller = FixedController(SearchConfig(), ("edit", "synthesise"), always)
        decision = await controller.decide(TASK, [blind], steps)
        assert decision.action == action
    assert (await controller.decide(TASK, [blind], [*steps, decision])).action == "stop"


async def test_a_task_without_examples_is_not_searched_for():
    failed = Attempt(0, 0, Candidate("x"), (Verdict(Level.UNKNOWN, "a test", "tests", num_passed=0, num_checked=1),))
    controller = FixedController(SearchConfig(num_repairs=0), ("synthesise",))
    steps = [Decision("generate", "greedy"), Decision("generate", "samples", 10, 0.4)]
    assert (await controller.decide(Task("words"), [failed], steps)).action == "generate"


async def test_a_solved_sample_ends_it_before_any_repair():
    assert [d.action for d in await play(FixedController(SearchConfig()), [[0], [0, 3]])][-1] == "stop"


async def test_every_decision_carries_features_and_propensity():
    for decision in await play(FixedController(SearchConfig()), [[0], [3]]):
        assert isinstance(decision, Decision) and decision.propensity == 1.0 and decision.reason
        assert {"num_examples", "best_pass_share", "best_agreement"} <= set(decision.features)


def test_solved_needs_assumed_examples_too():
    both = (Verdict(Level.TESTED, "examples", "examples", num_passed=1, num_checked=1),
            Verdict(Level.UNKNOWN, "assumed examples", "examples", "generated", num_passed=0, num_checked=2))
    assert not solved(Attempt(0, 0, Candidate("x"), both, Level.TESTED))
    assert solved(Attempt(0, 0, Candidate("x"), both[:1], Level.TESTED))


async def test_neural_mode_can_draw_samples_that_do_not_matter():
    decisions = await play(NeuralController(SearchConfig(num_neural_samples=4)), [[0], [3] * 4])
    assert [(d.action, d.num_candidates) for d in decisions] == [("generate", 1), ("generate", 4), ("stop", 1)]


def test_evidence_that_a_constant_would_pass_adds_no_confidence():
    told, untold = (control.confidence(replace(attempt(0, 20, 20), reward=Reward(1, 1, 1, 1, 1, None, baseline)), [])
                    for baseline in (0.5, 1.0))
    assert untold == 0.5 < 0.9 < told


def test_a_counterexample_may_be_too_long_to_print():
    found = Counterexample((10**5000,), {}, "1", "2")
    verdict = Verdict(Level.REFUTED, "examples", "examples", num_checked=1, counterexample=found)
    assert "too long to print" in control.summary(replace(attempt(0, 0), verdicts=(verdict,)))


class TestDoubts:
    @staticmethod
    def attempts(*rows):
        return [Attempt(i, 0, Candidate(f"c{i}"), (
            Verdict(level, "examples", "examples", num_passed=2, num_checked=2),
            Verdict(clause, "result > 0", "property", "docstring", num_passed=0, num_checked=9, detail="f(0) gave 0")),
            Level.REFUTED, behaviour=behaviour) for i, (level, clause, behaviour) in enumerate(rows)]

    def test_a_clause_that_the_consensus_breaks_is_doubted(self):
        good = (Level.TESTED, Level.REFUTED, "same")
        other, failed = (Level.TESTED, Level.TESTED, "other"), (Level.REFUTED, Level.REFUTED, "x")
        doubt, = doubts(self.attempts(good, good, other, failed))
        assert (doubt.clause, doubt.votes, doubt.peers) == ("result > 0", 2, 3) and "f(0) gave 0" in doubt.text()

    @pytest.mark.parametrize("rows", [
        [], [(Level.TESTED, Level.REFUTED, "alone")],
        [(Level.REFUTED, Level.REFUTED, "same")] * 3,
        [(Level.TESTED, Level.TESTED, "same")] * 3,
        [(Level.TESTED, Level.REFUTED, "a")] * 2 + [(Level.TESTED, Level.TESTED, "b")] * 2,
        [(Level.TESTED, Level.REFUTED, "")] * 3])
    def test_else_none(self, rows):
        assert doubts(self.attempts(*rows)) == []
