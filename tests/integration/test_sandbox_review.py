"""What a hostile reviewer got through once."""

from __future__ import annotations

import os

import pytest
from sandbox_processes import missing

from ncg_ray.config import SandboxConfig
from ncg_ray.protocols import Call, ExecutionJob, Limits, ScreenJob, TestJob
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.types import OutcomeKind as Kind

EXECUTOR = SandboxExecutor(SandboxConfig(calibrate=False))
LIMITS = Limits(time_s=1.0)
HONEST = ExecutionJob("def f(x): return 42", "f", (Call((7,)),))


@pytest.mark.parametrize("code", [
    "import resource\ntry: resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nexcept (OSError, ValueError): pass\n"
    "def f(x):\n    while True: pass",
    "import resource\ntry: resource.prlimit(0, resource.RLIMIT_CPU, (0, 0))\nexcept (OSError, ValueError): pass\n"
    "def f(x):\n    while True: pass"])
async def test_a_candidate_cannot_have_itself_killed_as_if_from_outside(code: str) -> None:
    hostile, honest = await EXECUTOR.execute([ExecutionJob(code, "f", (Call((1,)),), LIMITS), HONEST])
    assert hostile.outcomes[0].kind is Kind.TIMEOUT and honest.outcomes[0].value == 42


@pytest.mark.parametrize("value", ["{'$complex': [{'$int': '0x' + 'f' * 400}, 0]}", "{'$int': 'f' * 10 ** 5 + 'g'}"])
async def test_a_reply_that_overflows_is_a_broken_protocol(value: str) -> None:
    code = f"import sys\nsys.modules['__main__'].plain.encode = lambda *a: {value}\ndef f(x): return 1"
    hostile, honest = await EXECUTOR.execute([ExecutionJob(code, "f", (Call((1,)),), LIMITS), HONEST])
    assert hostile.outcomes[0].kind in (Kind.CRASHED, Kind.OUTPUT) and honest.outcomes[0].value == 42
    (screened,) = await EXECUTOR.screen([ScreenJob((code, HONEST.code), "f", HONEST.calls, LIMITS)])
    assert screened[0][0].kind in (Kind.CRASHED, Kind.OUTPUT)


async def test_coverage_that_is_infinite_is_none() -> None:
    code = ("import sys\nfor m in list(sys.modules.values()):\n if hasattr(m, 'Observer'):\n"
            "  m.Observer.report = lambda s: {'lines': [1e999], 'missing_lines': [], 'branches': [], 'missing_branches': [],"
            " 'values': [], 'problem': ''}\ndef f(x): return 42")
    (execution,) = await EXECUTOR.execute([ExecutionJob(code, "f", (Call((1,)),), LIMITS, ("coverage",))])
    assert execution.observation is None


@pytest.mark.parametrize("context,added,tests", [
    ("EXP = 49\n", "EXP = 1\n", "assert candidate(7) == EXP"),
    ("CASES = [(7, 49)]\n", "CASES = []\n", "for x, y in CASES:\n    assert f(x) == y\nassert len(CASES) and f(7) == 49"),
    ("import numpy\ndef same(a, b): return a == b\n", "def same(a, b): return True\n", "assert same(f(7), 49)"),
    ("same = lambda a, b: a == b\n", "def same(a, b): return True\n", "assert same(f(7), 49)"),
    ("try:\n    LIMIT = 49\nexcept NameError: pass\n", "LIMIT = 1\n", "assert f(7) == LIMIT")])
async def test_what_the_task_defines_is_not_the_candidates_to_define(context: str, added: str, tests: str) -> None:
    job = TestJob(added + "def f(x): return 1\n", "f", tests, LIMITS, context)
    (report,) = await EXECUTOR.test([job])
    assert report.outcome != "passed" or report.forgeable, report


async def test_a_lease_on_a_library_is_refused() -> None:
    code = ("import fcntl, wave\ndef f(x):\n    file = open(wave.__file__)\n    try:\n"
            "        return fcntl.fcntl(file, 1024, 1)\n    except OSError: return 42")
    (execution,) = await EXECUTOR.execute([ExecutionJob(code, "f", (Call((1,)),), LIMITS)])
    assert execution.outcomes[0].value == 42 and execution.usage.denials == {"fcntl": 1}


async def test_under_landlock_files_and_processes_of_others_stay_as_they_are(tmp_path) -> None:
    if lacking := missing("landlock"):
        pytest.skip(lacking)
    victim = tmp_path / "victim"
    victim.write_text("x")
    before = os.stat(victim)
    code = ("import os, resource\ndef f(path, pid):\n    done = []\n    for name, call in {\n"
            "            'chmod': lambda: os.chmod(path, 0o666), 'utime': lambda: os.utime(path, (1, 1)),\n"
            "            'xattr': lambda: os.setxattr(path, 'user.a', b'1'),\n"
            "            'limit': lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3)),\n"
            "            'affinity': lambda: os.sched_setaffinity(pid, {0})}.items():\n"
            "        try:\n            call()\n            done.append(name)\n        except (OSError, ValueError): pass\n"
            "    return done\n")
    executor = SandboxExecutor(SandboxConfig(backend="landlock", calibrate=False))
    deep = "import os\ndef f(*a):\n    for _ in range(1200):\n        os.mkdir('d'); os.chdir('d')\n    os._exit(0)"
    job, nested, honest = await executor.execute([ExecutionJob(code, "f", (Call((str(victim), os.getpid())),), LIMITS),
                                                  ExecutionJob(deep, "f", (Call(),), LIMITS), HONEST])
    assert job.outcomes[0].value == [] and os.stat(victim).st_mode == before.st_mode
    assert nested.outcomes[0].kind is Kind.CRASHED and honest.outcomes[0].value == 42
    executor.close()
