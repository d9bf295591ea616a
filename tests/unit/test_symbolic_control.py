"""Symbolic mode's policy, its loop with counterexamples, and how sure to be of a program that was found by search."""

from dataclasses import replace

from ncg_ray import assemble, control
from ncg_ray.config import Config, SynthesisConfig
from ncg_ray.control import SymbolicController
from ncg_ray.control.select import agreement, not_by_luck
from ncg_ray.pipeline import Parts, solve
from ncg_ray.testing import CleanAnalyser, ScriptedGenerator, ScriptedSynthesiser, TableVerifier
from ncg_ray.types import Attempt, Candidate, Contract, Counterexample, Example, Fit, Level, Reward, Task, Verdict

RIGHT, WRONG, WORSE = ("def f(x):\n    return x + 1\n", "def f(x):\n    return 2\n", "def f(x):\n    return 3\n")
TASK = Task("Add one.", signature="def f(x: int) -> int", entry_point="f",
            examples=(Example((1,), returns=2), Example((4,), returns=5)))
PASS = (Verdict(Level.TESTED, "examples", "examples", num_passed=2, num_checked=2),)
FAIL = (Verdict(Level.REFUTED, "examples", "examples", num_checked=2, counterexample=Counterexample((4,), {}, "2", "5")),)


def parts(*batches, table=None):
    config, model = Config(), ScriptedGenerator([WRONG])
    return Parts(TableVerifier(table or {RIGHT: PASS}, FAIL), CleanAnalyser(), assemble.rewarder(config),
                 {"symbolic": SymbolicController(config.synthesis)}, model, model, assemble.specifier(model, config),
                 ScriptedSynthesiser(batches), config=config)


async def test_a_refuted_program_leads_to_a_search_with_its_counterexample():
    given = parts([WRONG], [RIGHT])
    trace = await solve(TASK, given, mode="symbolic")
    assert (trace.verdict, trace.code) == ("TESTED", RIGHT)
    assert [d.action for d in trace.decisions] == ["synthesise", "synthesise", "stop"]
    first, second = given.synthesiser.requests
    assert first.refuted == () and first.num_candidates == 5 and first.seed != second.seed
    assert second.refuted == (FAIL[0].counterexample,) and second.tried == (Candidate(WRONG).id,)
    assert not given.generator.requests, "symbolic mode asked the model"


async def test_it_stops_where_the_search_has_nothing_more_or_the_rounds_are_over():
    trace = await solve(TASK, parts([WRONG], []), mode="symbolic")
    assert trace.verdict == "REFUTED" and "no other program" in trace.decisions[-1].reason
    trace = await solve(TASK, parts([WRONG], [WORSE], [WRONG], [WORSE], [RIGHT]), mode="symbolic")
    assert "4 searches are over" in trace.decisions[-1].reason
    trace = await solve(TASK, parts([]), mode="symbolic")
    assert trace.answer is None and "no program was found in 10 s" in trace.note


async def test_without_examples_and_contracts_there_is_an_honest_outcome():
    trace = await solve(Task("Do something."), parts([RIGHT]), mode="symbolic")
    assert trace.answer is None and "needs examples or an `ensures`" in trace.note and not trace.attempts


async def test_examples_that_contradict_each_other_are_named():
    both = replace(TASK, examples=(Example((1,), returns=2), Example((1,), returns=3)))
    trace = await solve(both, parts([RIGHT]), mode="symbolic")
    assert trace.answer is None and "contradict each other: f(1) == 2 and f(1) == 3" in trace.note


async def test_what_a_model_guessed_is_nothing_to_search_by():
    guessed = replace(TASK, examples=tuple(replace(e, origin="generated") for e in TASK.examples))
    decision = await SymbolicController(SynthesisConfig()).decide(guessed, [], [])
    assert decision.action == "stop"
    stated = replace(guessed, contracts=(Contract("ensures", "result > x"),))
    assert (await SymbolicController(SynthesisConfig()).decide(stated, [], [])).action == "synthesise"


def attempt(index, program_bits, example_bits=12.0, behaviour="", baseline=0.5):
    return Attempt(index, 0, Candidate(f"code {index}", "symbolic", "f", fit=Fit(program_bits, example_bits)), PASS,
                   Level.TESTED, reward=Reward(1, 1, 1, 1, 1, 1, baseline), behaviour=behaviour)


class TestConfidence:
    def test_short_programs_and_telling_examples_make_sure(self):
        assert not_by_luck(Fit(5, 30)) > 0.94 > not_by_luck(Fit(5, 10)) > 0.4 > not_by_luck(Fit(10, 8)) > 0.05
        assert 0 <= not_by_luck(Fit(5000, 1)) < 0.001

    def test_many_examples_of_little_weight_do_not(self):
        sure, unsure = attempt(0, 5.0, 30.0), attempt(0, 20.0, 12.0)
        assert control.confidence(sure, [sure]) > 0.9 and control.confidence(unsure, [unsure]) < 0.1

    def test_what_a_constant_meets_makes_nobody_sure(self):
        found = attempt(0, 2.0, 30.0, baseline=1.0)
        assert control.confidence(found, [found]) <= 0.5

    def test_votes_weigh_by_their_bits(self):
        short, longer, other = attempt(0, 5.0, behaviour="a"), attempt(1, 9.0, behaviour="b"), attempt(2, 9.0, behaviour="b")
        group = [short, longer, other]
        assert control.select(group) is short and 0.8 < agreement(short, group) < 1
        assert control.confidence(longer, group) < control.confidence(short, group)
