"""The loop on fakes: what it asks for, in which order, and what it writes down."""

from dataclasses import replace

import pytest

from ncg_ray.config import SearchConfig, load
from ncg_ray.control import FixedController, NeuralController
from ncg_ray.errors import GenerationError, InfrastructureError, InputError
from ncg_ray.pipeline import Parts, solve
from ncg_ray.protocols import Check
from ncg_ray.records import from_json, to_json
from ncg_ray.reward import FormulaRewarder
from ncg_ray.testing import CleanAnalyser, ListRetriever, ScriptedGenerator, ScriptedSynthesiser, TableVerifier
from ncg_ray.types import Counterexample, Example, Level, Reason, Snippet, Task, Trace, Verdict

RIGHT, WRONG, WORSE = "def f(x):\n    return x * 2\n", "def f(x):\n    return x + 2\n", "def f(x):\n    return None\n"
PASS = (Verdict(Level.TESTED, "examples", "examples", num_passed=3, num_checked=3),)
FAIL = (Verdict(Level.REFUTED, "examples", "examples", reason=Reason.COUNTEREXAMPLE, num_passed=1, num_checked=3,
                counterexample=Counterexample((3,), {}, "5", "6")),)
TASK = Task("double x", id="double", signature="def f(x)", entry_point="f", examples=(
    Example((1,), returns=2), Example((2,), returns=4), Example((3,), returns=6)))


def parts(generator, **more):
    verifier = more.pop("verifier", None) or TableVerifier({RIGHT: PASS}, FAIL)
    return Parts(verifier=verifier, analyser=CleanAnalyser(), rewarder=FormulaRewarder(load().reward),
                 controllers={"neural": NeuralController(SearchConfig()),
                              "adaptive": FixedController(SearchConfig(num_samples=3))},
                 generator=generator, repairer=generator, **more)


async def test_a_right_greedy_candidate_is_the_answer():
    trace = await solve(TASK, parts(ScriptedGenerator([RIGHT])))
    assert (trace.code, trace.verdict, len(trace.attempts)) == (RIGHT, "TESTED", 1)
    assert trace.answer.reward.tests == 1.0 and trace.answer.reward.gated > 0.9
    assert [d.action for d in trace.decisions] == ["generate", "stop"]


async def test_repair_sees_the_failure_and_can_win():
    generator = ScriptedGenerator([WRONG], repairs=[RIGHT])
    trace = await solve(TASK, parts(generator))
    assert trace.code == RIGHT and trace.attempts[trace.answer.attempt].candidate.parent
    assert generator.requests[-1].verdicts == FAIL


async def test_searches_see_what_failed_and_what_the_model_wrote():
    class Editor:
        async def repair(self, requests):
            self.requests = requests
            return [[replace(requests[0].candidate, code=WORSE, origin="edit", parent=requests[0].candidate.id)]]

    editor, synthesiser = Editor(), ScriptedSynthesiser([[RIGHT]])
    some = parts(ScriptedGenerator([WRONG]), editor=editor, synthesiser=synthesiser)
    some.controllers["adaptive"] = FixedController(SearchConfig(num_samples=2, num_edited=1), ("edit", "synthesise"))
    trace = await solve(TASK, some)
    assert [d.action for d in trace.decisions] == ["generate", "generate", "edit", "synthesise", "stop"]
    assert trace.code == RIGHT and [a.candidate.origin for a in trace.attempts[-2:]] == ["edit", "symbolic"]
    asked = editor.requests[0]
    assert (asked.candidate.code, asked.verdicts, asked.timeout_s) == (WRONG, FAIL, some.config.search.edit_s)
    assert synthesiser.requests[0].models == (WRONG,) and trace.attempts[-2].candidate.parent == asked.candidate.id
    assert synthesiser.requests[0].timeout_s == some.config.search.synthesis_s


async def test_nothing_right_is_an_honest_refutation_with_everything_tried():
    worst = (replace(FAIL[0], num_passed=0),)
    trace = await solve(TASK, parts(ScriptedGenerator([WRONG, WORSE], repairs=[WORSE]),
                                    verifier=TableVerifier({WRONG: FAIL}, worst)))
    assert trace.verdict == "REFUTED" and trace.code == WRONG and trace.confidence < 0.1
    assert len(trace.attempts) == 1 + 3 + 1 + 1 + 3
    assert [a.index for a in trace.attempts] == list(range(9))
    assert all(trace.decisions[a.step].action != "stop" for a in trace.attempts)


async def test_the_same_code_is_checked_once():
    seen = []

    class Counting(TableVerifier):
        async def verify(self, task, candidates):
            seen.extend(c.code for c in candidates)
            return await super().verify(task, candidates)

    await solve(TASK, parts(ScriptedGenerator([WRONG]), verifier=Counting({}, FAIL)))
    assert seen == [WRONG]


async def test_neural_mode_answers_with_its_first_candidate_whatever_it_is():
    trace = await solve(TASK, parts(ScriptedGenerator(["def f(x):\n    return math.pi\n", RIGHT])), mode="neural")
    assert "math.pi" in trace.code and "import" not in trace.code and trace.verdict == "REFUTED"


async def test_other_modes_mend_forgotten_imports_first():
    fixed = "import math\n\ndef f(x):\n    return math.pi\n"
    bare = fixed.split("\n\n")[1]
    trace = await solve(TASK, parts(ScriptedGenerator([bare]), verifier=TableVerifier({fixed: PASS}, FAIL)))
    assert trace.code == fixed


@pytest.mark.parametrize("mode,said", [("symbolic", "needs a part that is not there"), ("magic", "unknown mode 'magic'")])
async def test_a_mode_without_its_parts_says_so(mode, said):
    with pytest.raises(InputError, match=said):
        await solve(TASK, parts(ScriptedGenerator([RIGHT])), mode=mode)


async def test_infrastructure_failure_is_an_error_and_never_a_score():
    with pytest.raises(GenerationError):
        await solve(TASK, parts(ScriptedGenerator([RIGHT], failures=[GenerationError("server gone")])))

    class Broken(TableVerifier):
        async def verify(self, task, candidates):
            raise OSError("pipe")

    with pytest.raises(InfrastructureError, match="solve: OSError: pipe"):
        await solve(TASK, parts(ScriptedGenerator([RIGHT]), verifier=Broken({})))


async def test_an_answer_without_any_check_is_unknown():
    class Blind:
        async def verify(self, task, candidates):
            return [Check(()) for _ in candidates]

    trace = await solve(Task("do something"), parts(ScriptedGenerator([RIGHT, WRONG]), verifier=Blind()))
    assert trace.verdict == "UNKNOWN" and trace.confidence <= 0.3 and trace.answer.reward.total is None


async def test_snippets_reach_the_generator():
    generator = ScriptedGenerator([RIGHT])
    snippet = Snippet("def g(): ...", "pkg/a.py", "MIT")
    await solve(TASK, parts(generator, retriever=ListRetriever([snippet])))
    assert generator.requests[0].snippets == (snippet,)


async def test_a_deadline_ends_the_search_with_the_best_so_far():
    generator = ScriptedGenerator([WRONG])
    trace = await solve(TASK, parts(generator, config=load(sets=["search.deadline_s=1"])))
    assert len(trace.decisions) > 2  # the fakes are fast: no deadline yet

    class Slow(TableVerifier):
        async def verify(self, task, candidates):
            import asyncio
            await asyncio.sleep(1.1)
            return await super().verify(task, candidates)

    trace = await solve(TASK, parts(generator, verifier=Slow({}, FAIL), config=load(sets=["search.deadline_s=1"])))
    assert "deadline of 1 s" in trace.decisions[-1].reason and trace.code == WRONG


async def test_the_trace_is_whole_and_survives_json():
    events = []
    trace = await solve(TASK, parts(ScriptedGenerator([WRONG, RIGHT])), seed=7, on_event=events.append)
    assert from_json(Trace, to_json(trace)) == trace
    assert (trace.trace_version, trace.seed, trace.model_id, trace.mode) == (1, 7, "scripted", "adaptive")
    assert trace.config_hash == load().hash and {"generate", "check", "total"} <= set(trace.timings_s)
    assert {"stage", "decision", "attempt", "answer"} == {e["event"] for e in events}


async def test_each_step_gets_its_own_seed_and_equal_runs_ask_alike():
    first, second = ScriptedGenerator([WRONG]), ScriptedGenerator([WRONG])
    await solve(TASK, parts(first), seed=3)
    await solve(TASK, parts(second), seed=3)
    seeds = [r.seed for r in first.requests]
    assert seeds == [r.seed for r in second.requests] and len(set(seeds)) == len(seeds)
