"""One suite for every protocol: the fakes that ship, the real parts in this process, and the proxies of the actors.

The generator is scripted in all three, so that no model is needed; all else behind `local` and `actors` is real.
"""

from __future__ import annotations

import pytest

from ncg_ray import assemble
from ncg_ray.config import Config
from ncg_ray.control import FixedController, NeuralController, SymbolicController
from ncg_ray.pipeline import Parts, solve
from ncg_ray.protocols import (
    Call,
    CompletionRequest,
    ExecutionJob,
    GenerationRequest,
    RepairRequest,
    SynthesisRequest,
    TestJob,
)
from ncg_ray.testing import CleanAnalyser, ScriptedGenerator, ScriptedSynthesiser, TableVerifier
from ncg_ray.types import Candidate, Counterexample, Example, Level, OutcomeKind, Task, Verdict

RIGHT = "def add_one(x):\n    return x + 1\n"
BODY = "    return x + 1\n```"
WRONG = "def add_one(x):\n    return x\n"
TASK = Task("Add one to x.", id="add", signature="def add_one(x: int) -> int", entry_point="add_one",
            examples=(Example((1,), returns=2), Example((-4,), returns=-3), Example((0,), returns=1)))
PASSED = Verdict(Level.TESTED, "examples", "examples", num_passed=3, num_checked=3)
FAILED = Verdict(Level.REFUTED, "examples", "examples", num_checked=3,
                 counterexample=Counterexample((1,), {}, "1", "2"))


def load(notify):
    return ScriptedGenerator([RIGHT], repairs=[RIGHT], replies=[BODY])


@pytest.fixture(scope="module")
def ring(ray_cluster):
    from ncg_ray.actors import Ring

    def load_here(notify):  # a local function travels by value: the workers cannot import this file
        from ncg_ray.testing import ScriptedGenerator
        return ScriptedGenerator([right], repairs=[right], replies=[body])

    right, body = RIGHT, BODY
    with Ring(Config(), load=load_here) as ring:
        yield ring


@pytest.fixture(params=["fake", "local", "actors"])
def parts(request) -> Parts:
    if request.param == "actors":
        return request.getfixturevalue("ring").parts
    config, generator = Config(), load(None)
    controllers = {"neural": NeuralController(config.search), "adaptive": FixedController(config.search),
                   "symbolic": SymbolicController(config.synthesis)}
    if request.param == "fake":
        return Parts(TableVerifier({RIGHT: (PASSED,), WRONG: (FAILED,)}), CleanAnalyser(), assemble.rewarder(config),
                     controllers, generator, generator, assemble.specifier(generator, config),
                     ScriptedSynthesiser([[RIGHT], [RIGHT]]))
    return Parts(assemble.verifier(assemble.executor(config.sandbox), config), assemble.analyser(config),
                 assemble.rewarder(config), assemble.controllers(config, model=True), generator,
                 assemble.repairer(generator), assemble.specifier(generator, config), assemble.synthesiser(config))


@pytest.fixture(params=["local", "actors"])
def executor(request):
    if request.param == "actors":
        return request.getfixturevalue("ring").executor
    return assemble.executor(Config().sandbox)


async def test_generator_gives_one_list_for_each_request(parts):
    batches = await parts.generator.generate([GenerationRequest(TASK), GenerationRequest(TASK, 4, 0.4, seed=3)])
    assert [len(batch) for batch in batches] == [1, 4]
    assert {c.code for batch in batches for c in batch} == {RIGHT}
    assert [batch[0].origin for batch in batches] == ["greedy", "sample"]
    assert await parts.generator.generate([]) == []


async def test_generator_completes_and_names_its_model(parts):
    (replies,) = await parts.generator.complete([CompletionRequest("hello", prefill="x", num_completions=2)])
    assert len(replies) == 2
    assert all(reply.text.startswith("x") for reply in replies)
    assert (await parts.generator.info()).id == "scripted"


async def test_verifier_answers_in_order_whatever_the_size_of_the_batch(parts):
    codes = [f"{RIGHT if i % 3 else WRONG}# {i}\n" for i in range(11)]
    if isinstance(parts.verifier, TableVerifier):
        codes = [code.split("#")[0] for code in codes]
    checks = await parts.verifier.verify(TASK, [Candidate(code, entry_point="add_one") for code in codes])
    assert [all(v.level is Level.TESTED for v in check.verdicts) for check in checks] == [bool(i % 3) for i in range(11)]
    assert await parts.verifier.verify(TASK, []) == []


async def test_verifier_shows_the_input_that_refutes(parts):
    (check,) = await parts.verifier.verify(TASK, [Candidate(WRONG, entry_point="add_one")])
    (verdict,) = [v for v in check.verdicts if v.level is Level.REFUTED]
    assert verdict.counterexample.args == (1,)
    assert (verdict.counterexample.got, verdict.counterexample.expected) == ("1", "2")


async def test_analyser_gives_terms_in_the_unit_interval(parts):
    analyses = await parts.analyser.analyse([RIGHT, WRONG])
    assert len(analyses) == 2
    assert all(0 <= term <= 1 for a in analyses for term in (a.risk, a.quality, a.licence))
    assert await parts.analyser.analyse([]) == []


async def test_rewarder_prefers_the_right_candidate(parts):
    candidates = [Candidate(code, entry_point="add_one") for code in (WRONG, RIGHT)]
    checks = await parts.verifier.verify(TASK, candidates)
    analyses = await parts.analyser.analyse([c.code for c in candidates])
    wrong, right = await parts.rewarder.score(TASK, candidates, checks, analyses)
    assert right.tests == 1.0
    assert wrong.total < right.total <= 1.0
    assert await parts.rewarder.score(TASK, [], [], []) == []


@pytest.mark.parametrize("mode", ["neural", "adaptive"])
async def test_controller_begins_with_a_greedy_candidate(parts, mode):
    decision = await parts.controllers[mode].decide(TASK, [], [])
    assert (decision.action, decision.temperature, decision.num_candidates) == ("generate", 0.0, 1)
    assert decision.features["num_examples"] == 3.0


async def test_repairer_names_the_parent(parts):
    failed = Candidate(WRONG, entry_point="add_one")
    ((repaired,),) = await parts.repairer.repair([RepairRequest(TASK, failed, (FAILED,))])
    assert (repaired.origin, repaired.parent) == ("repair", failed.id)
    (check,) = await parts.verifier.verify(TASK, [repaired])
    assert repaired.code == RIGHT or all(v.level is Level.TESTED for v in check.verdicts)
    assert await parts.repairer.repair([]) == []


async def test_synthesiser_gives_programs_that_name_the_function(parts):
    batches = await parts.synthesiser.synthesise([SynthesisRequest(TASK, 3), SynthesisRequest(TASK, 1, timeout_s=2.0)])
    assert [1 <= len(batch) <= most for batch, most in zip(batches, (3, 1), strict=True)] == [True, True]
    assert {(c.origin, c.entry_point) for batch in batches for c in batch} == {("symbolic", "add_one")}
    checks = await parts.verifier.verify(TASK, batches[0])
    assert all(v.level is Level.TESTED for check in checks for v in check.verdicts)
    assert await parts.synthesiser.synthesise([]) == []


async def test_symbolic_mode_asks_no_model(parts):
    asked = len(getattr(parts.generator, "requests", []))
    trace = await solve(TASK, parts, mode="symbolic")
    assert (trace.verdict, trace.model_id, trace.answer.mode) == ("TESTED", "", "symbolic")
    assert [d.action for d in trace.decisions] == ["synthesise", "stop"]
    assert len(getattr(parts.generator, "requests", [])) == asked


async def test_specifier_leaves_a_task_with_examples_alone(parts):
    assert await parts.specifier.specify([TASK], seed=0) == [TASK]


async def test_solve_runs_the_same_on_all_of_them(parts):
    trace = await solve(TASK, parts, seed=7)
    assert (trace.verdict, trace.code, len(trace.attempts)) == ("TESTED", RIGHT, 1)
    assert [d.action for d in trace.decisions] == ["generate", "stop"]


async def test_executor_runs_jobs_in_order(executor):
    jobs = [ExecutionJob(f"def f(x):\n    return x * {i}\n", "f", (Call((2,)), Call(("a",)))) for i in range(5)]
    executions = await executor.execute(jobs)
    assert [e.outcomes[0].value for e in executions] == [0, 2, 4, 6, 8]
    assert [e.outcomes[1].value for e in executions] == ["", "a", "aa", "aaa", "aaaa"]
    assert await executor.execute([]) == []
    assert await executor.isolation() == "bubblewrap"


async def test_executor_reports_what_goes_wrong_as_data(executor):
    (execution,) = await executor.execute([ExecutionJob("def f(x):\n    return 1 // x\n", "f", (Call((0,)),))])
    assert execution.outcomes[0].kind is OutcomeKind.RAISED
    assert execution.outcomes[0].error_type == "ZeroDivisionError"
    (report,) = await executor.test([TestJob(WRONG, "add_one", "assert add_one(1) == 2\nassert add_one(2) == 3\n")])
    assert (report.num_passed, report.num_checked) == (0, 2)
