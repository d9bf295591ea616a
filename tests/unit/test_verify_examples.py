"""The verifier's judgement. The executor here runs code in this process: it is for these harmless programs only."""

from __future__ import annotations

import copy
import types
from collections.abc import Sequence

import pytest

from ncg_ray import plain
from ncg_ray.config import VerifyConfig
from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Call, Execution, ExecutionJob, Limits, TestJob, TestReport
from ncg_ray.types import Candidate, Contract, Example, Level, Outcome, OutcomeKind, Reason, Task
from ncg_ray.verdicts import headline
from ncg_ray.verify import ExampleVerifier
from ncg_ray.verify.compare import behaviour, meets, raised_matches
from ncg_ray.verify.trivial import asserted_examples, trivial_functions

ENDS_THE_PROCESS = {"TimeoutError": OutcomeKind.TIMEOUT, "MemoryError": OutcomeKind.MEMORY,
                    "SystemError": OutcomeKind.CRASHED, "PermissionError": OutcomeKind.KILLED}


class InProcessExecutor:
    """Runs the jobs with `exec`. Some exceptions stand for the ways in which a sandbox process ends."""

    def __init__(self) -> None:
        self.jobs: list[ExecutionJob] = []
        self.test_jobs: list[TestJob] = []

    async def isolation(self) -> str:
        return "none"

    async def execute(self, jobs: Sequence[ExecutionJob]) -> list[Execution]:
        self.jobs += jobs
        return [self._execute(job) for job in jobs]

    def _execute(self, job: ExecutionJob) -> Execution:
        space: dict[str, object] = {"__name__": "candidate"}
        try:
            exec(compile(job.code, "candidate.py", "exec"), space)
            function = space[job.entry_point]
        except Exception as error:
            return Execution(_raised(error), ())
        outcomes: list[Outcome] = []
        for call in job.calls:
            if outcomes and outcomes[-1].kind in (OutcomeKind.TIMEOUT, OutcomeKind.NOT_RUN):
                outcomes.append(Outcome(OutcomeKind.NOT_RUN))
                continue
            args, kwargs = copy.deepcopy(call.args), copy.deepcopy(call.kwargs)
            try:
                value = function(*args, **kwargs)
                iterator = isinstance(value, types.GeneratorType)
                value = list(value) if iterator else value
                plain.encode(value)
            except plain.NotPlain as error:
                outcomes.append(Outcome(OutcomeKind.NOT_PLAIN, message=str(error)))
            except Exception as error:
                outcomes.append(_raised(error))
            else:
                changed = None if plain.encode(args) == plain.encode(call.args) else args
                outcomes.append(Outcome(OutcomeKind.RETURNED, value, iterator=iterator, args_after=changed))
        return Execution(Outcome(OutcomeKind.RETURNED), tuple(outcomes))

    async def test(self, jobs: Sequence[TestJob]) -> list[TestReport]:
        self.test_jobs += jobs
        return [self._test(job) for job in jobs]

    def _test(self, job: TestJob) -> TestReport:
        space: dict[str, object] = {}
        passed, lines = 0, job.tests.splitlines()
        failure = ""
        try:
            exec(job.code, space)
        except Exception as error:
            return TestReport(0, len(lines), _raised(error), failure=str(error), outcome="raised")
        for line in lines:
            try:
                exec(line, space)
                passed += 1
            except Exception:
                failure = failure or line
        return TestReport(passed, len(lines), Outcome(OutcomeKind.RETURNED), failure=failure,
                          outcome="failed" if failure else "passed")


def _raised(error: Exception) -> Outcome:
    name = type(error).__name__
    return Outcome(ENDS_THE_PROCESS.get(name, OutcomeKind.RAISED), error_type=name, message=str(error),
                   traceback=f"{name}: {error}")


ADD = Task("add", id="add", signature="def add(a: int, b: int) -> int", entry_point="add",
           examples=(Example((1, 2), returns=3), Example((5, 5), returns=10, origin="docstring")))
GOOD = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return 3\n"


def verifier(num_probes: int = 12) -> ExampleVerifier:
    return ExampleVerifier(InProcessExecutor(), VerifyConfig(num_probes=num_probes))


async def check(task: Task, *codes: str, num_probes: int = 12):
    return await verifier(num_probes).verify(task, [Candidate(code) for code in codes])


def task_with(*clauses: str, signature: str = "def f(x: int) -> int", examples=(), **kwargs) -> Task:
    contracts = [Contract("requires" if c.startswith("requires ") else "ensures", c.removeprefix("requires "))
                 for c in clauses]
    return Task("", id="f", signature=signature, entry_point="f", contracts=tuple(contracts), examples=tuple(examples),
                **kwargs)


class TestExamples:
    async def test_all_met_is_tested(self):
        (good,) = await check(ADD, GOOD)
        (verdict,) = good.verdicts
        assert (verdict.level, verdict.num_passed, verdict.num_checked) == (Level.TESTED, 2, 2)
        assert (verdict.obligation, verdict.engine, verdict.origin) == ("examples", "examples", "user")

    async def test_a_wrong_value_is_refuted_with_the_counterexample(self):
        (wrong,) = await check(ADD, WRONG)
        (verdict,) = wrong.verdicts
        assert (verdict.level, verdict.reason, verdict.num_passed) == (Level.REFUTED, Reason.COUNTEREXAMPLE, 1)
        assert verdict.counterexample.args == (5, 5)
        assert (verdict.counterexample.got, verdict.counterexample.expected) == ("3", "10")
        assert verdict.detail == "add(5, 5) gave 3, expected 10"

    async def test_an_exception_is_refuted_with_its_traceback(self):
        (crashed,) = await check(ADD, "def add(a, b):\n    return a / 0\n")
        found = crashed.verdicts[0].counterexample
        assert found.got == "ZeroDivisionError: division by zero" and "ZeroDivisionError" in found.traceback

    async def test_a_module_that_does_not_load_fails_every_obligation(self):
        task = task_with("result > x", examples=[Example((1,), returns=2)], tests="assert f(1) == 2")
        (broken,) = await check(task, "def f(x:\n")
        assert [v.obligation for v in broken.verdicts] == ["examples", "tests", "result > x"]
        assert {v.level for v in broken.verdicts} == {Level.REFUTED}
        assert all(v.num_passed == 0 and v.num_checked == 1 for v in broken.verdicts)
        assert "does not load" in broken.verdicts[0].detail and "SyntaxError" in broken.verdicts[0].detail

    async def test_an_exception_while_loading_is_not_the_one_an_example_asks_for(self):
        task = task_with(examples=[Example((1,), raises="ValueError")])
        (broken,) = await check(task, "raise ValueError('no')\ndef f(x): ...\n")
        assert broken.verdicts[0].level is Level.REFUTED and broken.verdicts[0].num_passed == 0

    async def test_a_module_that_does_not_load_is_refuted_even_where_nothing_else_is_asked(self):
        (broken,) = await check(Task("words", entry_point="f"), "import no_such_module_here\n")
        assert broken.verdicts[0].obligation == "crash-free" and headline(broken.verdicts) is Level.REFUTED

    async def test_slow_is_not_refuted_and_its_passed_examples_count(self):
        code = "def add(a, b):\n    if a == 5:\n        raise TimeoutError\n    return a + b\n"
        (slow,) = await check(ADD, code)
        (verdict,) = slow.verdicts
        assert (verdict.level, verdict.reason, verdict.num_passed) == (Level.UNKNOWN, Reason.TIMEOUT, 1)

    @pytest.mark.parametrize("error", ["MemoryError", "PermissionError"])
    async def test_a_process_ended_by_policy_is_unknown(self, error):
        (ended,) = await check(ADD, f"def add(a, b):\n    raise {error}\n")
        assert (ended.verdicts[0].level, ended.verdicts[0].reason) == (Level.UNKNOWN, Reason.ERROR)

    async def test_a_crash_is_refuted_and_the_examples_after_it_still_run(self):
        code = "def add(a, b):\n    if a == 1:\n        raise SystemError\n    return a + b\n"
        (crashed,) = await check(ADD, code)
        (verdict,) = crashed.verdicts
        assert (verdict.level, verdict.num_passed, verdict.num_checked) == (Level.REFUTED, 1, 2)

    async def test_generated_examples_refute_nothing(self):
        task = task_with(examples=[Example((1,), returns=1), Example((2,), returns=99, origin="generated")])
        (done,) = await check(task, "def f(x): return x")
        asked, assumed = done.verdicts
        assert (asked.level, asked.num_checked) == (Level.TESTED, 1)
        assert (assumed.level, assumed.origin, assumed.obligation) == (Level.UNKNOWN, "generated", "assumed examples")
        assert headline(done.verdicts) is Level.TESTED and done.behaviour

    async def test_equal_code_runs_once(self):
        executor = InProcessExecutor()
        checks = await ExampleVerifier(executor, VerifyConfig(num_probes=0)).verify(
            ADD, [Candidate(GOOD), Candidate(WRONG), Candidate(GOOD)])
        assert len(executor.jobs) == 2
        assert checks[0].verdicts == checks[2].verdicts and (checks[0].num_runs, checks[2].num_runs) == (1, 0)

    async def test_the_candidate_names_the_function_where_the_task_does_not(self):
        task = Task("words", examples=(Example((2,), returns=4),))
        (done,) = await verifier().verify(task, [Candidate("def twice(n): return n * 2", entry_point="twice")])
        assert done.verdicts[0].level is Level.TESTED

    async def test_an_infrastructure_failure_is_no_verdict(self):
        class Broken(InProcessExecutor):
            async def execute(self, jobs):
                raise SandboxError("bwrap is not there")
        with pytest.raises(SandboxError, match="bwrap"):
            await ExampleVerifier(Broken(), VerifyConfig(), Limits()).verify(ADD, [Candidate(GOOD)])


@pytest.mark.parametrize(("example", "outcome", "met"), [
    (Example(returns=[1, 2]), Outcome(OutcomeKind.RETURNED, [1, 2], iterator=True), True),
    (Example(returns=(1, 2)), Outcome(OutcomeKind.RETURNED, [1, 2], iterator=True), True),
    (Example(returns=(1, 2)), Outcome(OutcomeKind.RETURNED, [1, 2]), False),
    (Example(returns=[1, 2], loose=True), Outcome(OutcomeKind.RETURNED, (1, 2)), True),
    (Example(returns=0.3), Outcome(OutcomeKind.RETURNED, 0.1 + 0.2), True),
    (Example(returns=0.3), Outcome(OutcomeKind.RETURNED, 0.31), False),
    (Example(returns=0.3, abs_tol=0.02), Outcome(OutcomeKind.RETURNED, 0.31), True),
    (Example(raises="LookupError"), Outcome(OutcomeKind.RAISED, error_type="KeyError"), True),
    (Example(raises="KeyError"), Outcome(OutcomeKind.RAISED, error_type="LookupError"), False),
    (Example(raises="ValueError"), Outcome(OutcomeKind.RETURNED, None), False),
    (Example(returns=None), Outcome(OutcomeKind.NOT_PLAIN, message="a value of type object"), False),
    (Example(returns=None), Outcome(OutcomeKind.TIMEOUT), False),
])
def test_meets(example, outcome, met):
    assert meets(example, outcome) is met


@pytest.mark.parametrize(("expected", "got", "matches"), [
    ("ValueError", "UnicodeDecodeError", True), ("Exception", "MyOwnError", True), ("ValueError", "MyOwnError", False),
    ("json.JSONDecodeError", "JSONDecodeError", True), ("OSError", "IOError", True), ("print", "ValueError", False)])
def test_raised_matches(expected, got, matches):
    assert raised_matches(expected, got) is matches


@pytest.mark.parametrize(("expected", "got", "base", "matches"), [
    ("ValueError", "NegativeError", "ValueError", True), ("ValueError", "ValueError", "Exception", False),
    ("LookupError", "Missing", "KeyError", True), ("NegativeError", "NegativeError", "ValueError", True),
    ("NegativeError", "OtherError", "ValueError", False), ("IOError", "OSError", "OSError", True)])
def test_what_is_raised_counts_by_its_builtin_base_and_not_by_its_name(expected, got, base, matches):
    assert raised_matches(expected, got, base) is matches


async def test_a_constant_in_disguise_raises_the_bar():
    task = Task("", entry_point="f", signature="def f(x: int) -> str", contracts=(
        Contract("ensures", "isinstance(result, str) and len(result) > 3"),))
    plain_one, disguised = await check(task, "def f(x): return str(x) + 'abcd'", "def f(x): return str(x)[:0] + 'abcd'")
    assert plain_one.baseline == disguised.baseline == 1.0, "so neither is rewarded"
    assert (await check(Task("", entry_point="f", signature="def f(x: int) -> int", contracts=(
        Contract("ensures", "result > 100"),)), "def f(x): return x * x + 101"))[0].baseline == 1.0


class TestGivenTests:
    TASK = task_with(tests="assert f(1) == 2\nassert f(2) == 3")

    async def test_passed_and_failed(self):
        good, wrong = await check(self.TASK, "def f(x): return x + 1", "def f(x): return 2")
        assert (good.verdicts[0].engine, good.verdicts[0].level, good.verdicts[0].num_checked) == (
            "tests", Level.TESTED, 2)
        assert (wrong.verdicts[0].level, wrong.verdicts[0].num_passed) == (Level.REFUTED, 1)
        assert "assert f(2) == 3" in wrong.verdicts[0].detail

    @pytest.mark.parametrize(("outcome", "level", "reason"), [
        ("timeout", Level.UNKNOWN, Reason.TIMEOUT), ("memory", Level.UNKNOWN, Reason.ERROR),
        ("crashed", Level.REFUTED, Reason.COUNTEREXAMPLE), ("raised", Level.REFUTED, Reason.COUNTEREXAMPLE)])
    async def test_what_ends_the_tests(self, outcome, level, reason):
        class Ends(InProcessExecutor):
            async def test(self, jobs):
                return [TestReport(1, 2, Outcome(OutcomeKind.RETURNED), outcome=outcome, forgeable=True) for _ in jobs]
        (done,) = await ExampleVerifier(Ends(), VerifyConfig()).verify(self.TASK, [Candidate("def f(x): ...")])
        verdict = done.verdicts[0]
        assert (verdict.level, verdict.reason, verdict.forgeable) == (level, reason, True)

    async def test_tests_that_check_nothing_are_vacuous(self):
        class Nothing(InProcessExecutor):
            async def test(self, jobs):
                return [TestReport(0, 0, Outcome(OutcomeKind.RETURNED)) for _ in jobs]
        (done,) = await ExampleVerifier(Nothing(), VerifyConfig()).verify(self.TASK, [Candidate("def f(x): ...")])
        assert (done.verdicts[0].level, done.verdicts[0].reason) == (Level.UNKNOWN, Reason.VACUOUS)


class TestContracts:
    async def test_holds_on_sampled_inputs(self):
        (done,) = await check(task_with("requires x >= 0", "result >= x"), "def f(x): return x * x")
        (verdict,) = done.verdicts
        assert (verdict.level, verdict.engine, verdict.obligation) == (Level.TESTED, "property", "result >= x")
        assert verdict.num_passed == verdict.num_checked > 3

    async def test_the_smallest_failing_input_is_the_counterexample(self):
        (done,) = await check(task_with("result > x"), "def f(x): return x * x if x > 2 else x + 1")
        assert done.verdicts[0].level is Level.TESTED
        (done,) = await check(task_with("result > x"), "def f(x): return -x if x >= 2 else x + 1")
        assert (done.verdicts[0].level, done.verdicts[0].reason) == (Level.REFUTED, Reason.COUNTEREXAMPLE)
        found = done.verdicts[0].counterexample
        assert (found.args, found.got, found.expected) == ((2,), "-2", "a result with result > x")

    async def test_requires_keeps_inputs_away(self):
        task = task_with("requires len(xs) > 0", "requires xs[0] >= 0", "result == xs[0]",
                         signature="def f(xs: list[int]) -> int")
        (done,) = await check(task, "def f(xs):\n    assert xs[0] >= 0\n    return xs[0]")
        assert done.verdicts[0].level is Level.TESTED

    async def test_old_is_before_and_the_plain_name_is_after(self):
        task = task_with("result is None", "len(xs) == old(len(xs)) + 1", "all(xs[i] == old(xs[i]) for i in "
                         "range(len(old(xs))))", signature="def f(xs: list[int]) -> None")
        (done,) = await check(task, "def f(xs): xs.append(1)")
        assert [v.level for v in done.verdicts] == [Level.TESTED] * 3
        (done,) = await check(task, "def f(xs): xs.insert(0, 99)")
        assert [v.level for v in done.verdicts] == [Level.TESTED, Level.TESTED, Level.REFUTED]

    async def test_an_exception_where_a_result_was_promised_is_refuted(self):
        (done,) = await check(task_with("result >= 0"), "def f(x): return 10 // x if x == 0 else 1")
        assert done.verdicts[0].level is Level.REFUTED
        assert done.verdicts[0].counterexample.got.startswith("ZeroDivisionError")

    async def test_an_exception_that_an_example_asks_for_is_no_counterexample(self):
        task = task_with("requires x >= 0", "result >= 0", examples=[Example((-5,), raises="ValueError")])
        (done,) = await check(task, "def f(x):\n    if x < 0:\n        raise ValueError\n    return x")
        assert [v.level for v in done.verdicts] == [Level.TESTED, Level.TESTED]

    @pytest.mark.parametrize(("clauses", "reason", "words"), [
        (["requires x > 3 and x < 2", "result == x"], Reason.VACUOUS, "none of"),
        (["result > unknown_name"], Reason.ERROR, "unknown_name"),
        (["requires unknown_name", "result == x"], Reason.ERROR, "unknown_name"),
        (["result >"], Reason.ERROR, "SyntaxError")])
    async def test_contracts_that_say_nothing(self, clauses, reason, words):
        (done,) = await check(task_with(*clauses), "def f(x): return x")
        assert (done.verdicts[0].level, done.verdicts[0].reason) == (Level.UNKNOWN, reason)
        assert words in done.verdicts[0].detail

    async def test_without_hints_and_examples_there_is_nothing_to_try(self):
        (done,) = await check(task_with("result == x", signature="def f(x)"), "def f(x): return x")
        assert (done.verdicts[0].level, done.verdicts[0].reason) == (Level.UNKNOWN, Reason.UNSUPPORTED)

    async def test_a_bound_in_the_contract_is_tried(self):
        (done,) = await check(task_with("requires x > 70000", "result != 70001"), "def f(x): return x")
        assert done.verdicts[0].counterexample.args == (70001,)

    async def test_a_slow_input_is_unknown_and_named(self):
        (done,) = await check(task_with("result == x"), "def f(x):\n    if x == 100:\n        raise TimeoutError\n"
                                                        "    return x")
        assert (done.verdicts[0].level, done.verdicts[0].reason) == (Level.UNKNOWN, Reason.TIMEOUT)
        assert "(100,)" in done.verdicts[0].detail

    async def test_a_failure_that_does_not_come_again_does_not_count(self):
        code = "seen = []\ndef f(x):\n    seen.append(x)\n    return x if len(seen) < 4 else x + 1\n"
        (done,) = await check(task_with("result == x"), code)
        assert (done.verdicts[0].level, done.verdicts[0].reason) == (Level.UNKNOWN, Reason.ERROR)
        assert "fresh process" in done.verdicts[0].detail

    async def test_a_generated_clause_refutes_nothing(self):
        task = Task("", signature="def f(x: int)", entry_point="f", contracts=(
            Contract("ensures", "result > x", "generated"),))
        (done,) = await check(task, "def f(x): return x")
        assert done.verdicts[0].level is Level.UNKNOWN and done.verdicts[0].counterexample is not None

    async def test_the_candidate_and_the_checker_never_share_a_process(self):
        executor = InProcessExecutor()
        await ExampleVerifier(executor, VerifyConfig()).verify(task_with("result == x"), [Candidate("def f(x): return x")])
        assert executor.jobs and not any("_holds" in job.code and "def f(" in job.code for job in executor.jobs)

    async def test_defaults_keywords_and_context(self):
        task = task_with("result == old(x) + step", "double(result) == result * 2",
                         signature="def f(x: int, step: int = 2) -> int", context="def double(v):\n    return 2 * v",
                         examples=[Example((1,), returns=3), Example((1,), {"step": 5}, returns=6)])
        (done,) = await check(task, "def f(x, step=2): return x + step")
        assert [v.level for v in done.verdicts] == [Level.TESTED] * 3


class TestBehaviour:
    async def test_agreement_is_seen_beyond_the_examples(self):
        same, other, differs = await check(
            ADD, GOOD, "def add(a, b):\n    return b + a\n", "def add(a, b):\n    return a + b if a >= 0 else 0\n")
        assert same.behaviour == other.behaviour != differs.behaviour
        assert headline(differs.verdicts) is Level.TESTED

    async def test_none_where_an_example_failed_or_probes_are_off(self):
        (wrong,), (good,) = await check(ADD, WRONG), await check(ADD, GOOD, num_probes=0)
        assert wrong.behaviour == "" and good.behaviour == ""

    def test_what_compares_equal_hashes_alike(self):
        def hashed(value, **kwargs):
            return behaviour([Outcome(OutcomeKind.RETURNED, value, **kwargs)])
        assert hashed(0.1 + 0.2) == hashed(0.3) and hashed(1) == hashed(1.0) == hashed(True)
        assert hashed({"a": 1, "b": 2}) == hashed({"b": 2, "a": 1}) and hashed({1, 2}) == hashed({2, 1})
        assert hashed(1, elapsed_s=1.0) == hashed(1, elapsed_s=2.0)
        assert len({hashed(v) for v in (1, "1", [1], (1,), None, float("nan"), float("inf"), 10**400)}) == 8


class TestBaseline:
    async def test_the_best_constant(self):
        task = task_with(examples=[Example((1,), returns=7), Example((2,), returns=7), Example((3,), returns=3)])
        assert await verifier().baseline(task) == pytest.approx(2 / 3)

    async def test_the_identity(self):
        task = task_with(examples=[Example(("a", 1), returns=1), Example(("a", 2), returns=2)],
                         signature="def f(a, b)")
        assert await verifier().baseline(task) == 1.0

    async def test_given_tests_and_clauses_count(self):
        assert await verifier().baseline(task_with(tests="assert f(1) == 2\nassert f(2) == 3")) == 0.5
        task = task_with("result >= x", "result != x", examples=[Example((1,), returns=2)])
        assert await verifier().baseline(task) == pytest.approx(1 / 3)

    async def test_every_check_carries_it_and_it_is_measured_once(self):
        executor = InProcessExecutor()
        task = task_with(tests="assert f(1) == 2\nassert sorted([f(2)]) == [3]")  # the second must be run
        subject = ExampleVerifier(executor, VerifyConfig())
        checks = await subject.verify(task, [Candidate("def f(x): return x + 1"), Candidate("def f(x): return 0")])
        assert [c.baseline for c in checks] == [0.5, 0.5]
        num_jobs = len(executor.test_jobs)
        await subject.verify(task, [Candidate("def f(x): return 1")])
        assert len(executor.test_jobs) == num_jobs + 1

    @pytest.mark.parametrize(("tests", "num"), [
        ("assert f(1) == 2\nassert f(2) == 3", 2), ("assert f(1) > 2", None), ("x = g()\nassert f(1) == 2", None),
        ("def check(candidate):\n    assert candidate(1) == 2, 'why'\ncheck(f)", 1), ("def f(:", None), ("", 0),
        ("METADATA = {'author': 'x'}\ndef check(c):\n    'words'\n    assert c([1]) == [1]\n", 1)])
    def test_plain_asserts_need_not_be_run(self, tests, num):
        found = asserted_examples(tests, "f")
        assert (None if found is None else len(found)) == num

    def test_the_functions_are_valid_and_do_as_they_say(self):
        task = task_with(examples=[Example((1,), returns=v) for v in (float("nan"), float("-inf"), {1}, b"x", (1,))])
        for trivial in trivial_functions(task):
            space: dict[str, object] = {}
            exec(trivial.code, space)
            assert plain.equal(trivial.outcome(Call((5,))).value, space["f"](5))


async def test_an_int_too_long_to_print_is_only_a_wrong_answer():
    (done,) = await check(task_with("result < 10", examples=[Example((1,), returns=2)]), "def f(x): return 10**5000")
    assert [v.level for v in done.verdicts] == [Level.REFUTED, Level.REFUTED]
    assert "too long to print" in done.verdicts[0].detail


async def test_values_too_deep_for_the_checker_are_unknown_and_harm_nobody():
    deep = "def f(xs):\n    inner = xs\n    for _ in range(63):\n        inner.append([])\n        inner = inner[-1]\n"
    task = task_with("len(xs) >= 0", signature="def f(xs: list[int]) -> None")
    bad, good = await check(task, deep, "def f(xs): pass")
    assert (bad.verdicts[0].level, bad.verdicts[0].reason) == (Level.UNKNOWN, Reason.ERROR)
    assert good.verdicts[0].level is Level.TESTED
