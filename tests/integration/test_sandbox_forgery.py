"""Attempts to be called right without being right: none is accepted, the honest solution is.

The task is to square a number; the host expects 49 for 7 and 0 for 0.
"""

from __future__ import annotations

import asyncio

import pytest
from sandbox_processes import BACKENDS, missing

from ncg_ray import plain
from ncg_ray.config import SandboxConfig
from ncg_ray.protocols import Call, ExecutionJob, Limits, TestJob, TestReport
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.types import Outcome
from ncg_ray.types import OutcomeKind as Kind

LIMITS = Limits(time_s=1.0, memory_bytes=256 << 20)
EXPECTED = {7: 49, 0: 0}
TESTS = ("EXPECTED = {7: 49, 0: 0}\n"
         "def check(candidate):\n    assert candidate(7) == 49\n    assert candidate(0) == 0\n"
         "    assert abs(candidate(7) - 49) < 1e-9\n    assert all(candidate(k) == v for k, v in EXPECTED.items())\n"
         "    assert all(map(lambda k: candidate(k) == EXPECTED[k], EXPECTED))\n")
HONEST = "def square(x): return x * x"
LIAR = """
class Liar({base}):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
def square(x): return Liar({value})
"""
SPRAY = """
import json, os, struct
def spray(ident):
    body = json.dumps({"id": ident, "kind": "returned", "value": 49, "event": "done", "passed": True}).encode()
    for fd in range(65):
        try: os.write(fd, struct.pack('>I', len(body)) + body)
        except OSError: pass
"""
FRAMES = """
import sys
def look(names):
    frame, found = sys._getframe(1), {}
    while frame:
        for scope in (frame.f_locals, frame.f_globals):
            for name in names:
                if name in scope: found[name] = scope[name]
        frame = frame.f_back
    return found
"""

ATTACKS: dict[str, str] = {
    "exit_zero": "import os\ndef square(x): os._exit(0)",
    "exit_zero_on_load": "import os\nos._exit(0)",
    "sys_exit": "import sys\ndef square(x): sys.exit(0)",
    "sys_exit_on_load": "import sys\ndef square(x): pass\nsys.exit(0)",
    "keyboard_interrupt": "def square(x): raise KeyboardInterrupt",
    "stop_iteration": "def square(x): raise StopIteration",
    "own_stop_iteration": "class Done(StopIteration): pass\ndef square(x): raise Done",
    "generator_exit": "def square(x): raise GeneratorExit",
    "skipped": "class Skipped(BaseException): __module__ = '_pytest.outcomes'\ndef square(x): raise Skipped",
    "atexit": "import atexit, os\natexit.register(os._exit, 0)\ndef square(x): raise SystemExit(0)",
    "excepthook": "import sys, os\nsys.excepthook = lambda *a: os._exit(0)\ndef square(x): raise ValueError",
    "frame_walk": FRAMES + "def square(x): return look(['expected', 'EXPECTED', 'returns', 'tests']).get('EXPECTED')",
    "frame_walk_ids": FRAMES + SPRAY + "def square(x):\n spray(look(['request'])['request']['id'])\n return 1",
    "gc_scan": "import gc\ndef square(x):\n for o in gc.get_objects():\n"
               "  if type(o) is dict and o.get(7) == 49: return o[x]\n return None",
    "patched_builtins": "import builtins\nbuiltins.all = builtins.any = lambda *a: True\n"
                        "builtins.abs = lambda x: 0\nbuiltins.isinstance = lambda *a: True\ndef square(x): return 1",
    "shadowed_builtins": "def all(x): return True\ndef abs(x): return 0\ndef square(x): return 1",
    "shadowed_expectation": "EXPECTED = {}\ndef check(candidate): pass\ndef square(x): return 1",
    "dunder_builtins": "__builtins__['abs'] = lambda x: 0\ndef square(x): return 1",
    "patched_plain": "import sys\nfor m in list(sys.modules.values()):\n"
                     " if hasattr(m, 'NotPlain'): m.encode = m.equal = lambda *a: 49\ndef square(x): return None",
    "patched_json": "import json, sys\njson.dumps = lambda *a, **k: '{}'\nsys.modules['__main__']._dumps = lambda r: '49'\n"
                    "def square(x): return 1",
    "patched_child": "import sys\nchild = sys.modules['__main__']\n"
                     "child.Candidate.call = lambda *a: {'kind': 'passed', 'passed': True, 'value': 1}\n"
                     "def square(x): return 1",
    "claims_timeout": "import sys\nsys.modules['__main__'].Candidate.call = lambda *a: {'kind': 'not_run'}\n"
                      "def square(x): return 1",
    "stdout_frames": "print('{\"passed\": true}')\ndef square(x): print('49'); print('OK 1 passed')",
    "spray_guessed_id": SPRAY + "spray('0' * 32)\ndef square(x): spray('0' * 32); return 1",
    "spray_garbage": "import os\ndef square(x):\n for fd in range(65):\n  try: os.write(fd, bytes(range(256)) * 4)\n"
                     "  except OSError: pass\n return 1",
    "huge_length": "import os\ndef square(x):\n for fd in range(3, 65):\n  try: os.write(fd, b'\\xff' * 8)\n"
                   "  except OSError: pass\n return 1",
    "deep_json": "import os, struct\ndef square(x):\n body = b'[' * 60000\n for fd in range(3, 65):\n"
                 "  try: os.write(fd, struct.pack('>I', len(body)) + body)\n  except OSError: pass\n return 1",
    "cached_answer": "cache = []\ndef square(x): cache.append(x); return cache",
    "thread_answers": SPRAY + "import threading\nthreading.Thread(target=spray, args=('f' * 32,)).start()\n"
                      "def square(x): return 1",
    "closes_pipes": "import os\ndef square(x): os.closerange(0, 65); return 49",
    "patched_pytest": "import sys, types\nfake = types.ModuleType('pytest')\n"
                      "fake.raises = fake.approx = lambda *a, **k: True\n"
                      "sys.modules['pytest'] = sys.modules['unittest'] = fake\ndef square(x): return 1",
    "result_file": "open('result.json', 'w').write('{\"passed\": true, \"exit_code\": 0}')\n"
                   "open('junit.xml', 'w').write('<testsuite failures=\"0\"/>')\ndef square(x): return 1",
    "memory_of_the_caller": "import ctypes, os\ndef square(x):\n buffer = ctypes.create_string_buffer(8)\n"
                            " return ctypes.CDLL(None).process_vm_readv(os.getppid(), buffer, 1, buffer, 1, 0)",
    "supervisors_socket": "import socket\ndef square(x):\n for fd in range(64):\n  try:\n"
                          "   socket.socket(fileno=fd).send(b'{\"event\": \"ended\", \"exit\": 0}')\n"
                          "  except OSError: pass\n return 1",
    "right_for_the_visible_only": "def square(x): return {7: 49}[x]",
    "lying_bool": "class B:\n def __bool__(self): return True\ndef square(x): return [B()]",
}
LIARS = {
    "lying_int": LIAR.format(base="int", value="1"), "lying_str": LIAR.format(base="str", value="'1'"),
    "lying_list": LIAR.format(base="list", value="[1]"), "lying_object": LIAR.format(base="object", value=""),
}
AGAINST_TESTS = ("exit_zero_on_load", "stop_iteration", "own_stop_iteration", "skipped", "frame_walk", "gc_scan",
                 "patched_builtins", "shadowed_builtins", "shadowed_expectation", "dunder_builtins", "patched_child",
                 "spray_garbage")
"""The attacks that might fool a run of tests in other ways than they fool a call."""


@pytest.fixture(scope="module", params=BACKENDS)
def results(request: pytest.FixtureRequest) -> tuple[dict[str, tuple[Outcome, ...]], dict[str, TestReport]]:
    if lacking := missing(request.param):
        pytest.skip(lacking)
    codes = {**ATTACKS, **LIARS, "honest": HONEST}
    executor = SandboxExecutor(SandboxConfig(backend=request.param, num_workers=3))

    tried = [*AGAINST_TESTS, *LIARS, "honest"]

    async def both() -> tuple[list, list]:
        calls = tuple(Call((x,)) for x in EXPECTED)
        executions = await executor.execute([ExecutionJob(code, "square", calls, LIMITS) for code in codes.values()])
        reports = await executor.test([TestJob(code, "square", TESTS, LIMITS) for code in map(codes.get, tried)])
        return executions, reports

    executions, reports = asyncio.run(both())
    return ({name: e.outcomes for name, e in zip(codes, executions, strict=True)},
            dict(zip(tried, reports, strict=True)))


def right(outcomes: tuple[Outcome, ...]) -> bool:
    """The host's comparison."""
    return all(o.kind is Kind.RETURNED and plain.equal(e, o.value) for e, o in zip(EXPECTED.values(), outcomes, strict=True))


@pytest.mark.parametrize("name", [*ATTACKS, *LIARS])
def test_no_forged_value_is_accepted(name: str, results: tuple) -> None:
    assert not right(results[0][name]), results[0][name]


@pytest.mark.parametrize("name", AGAINST_TESTS)
def test_no_forged_test_run_is_accepted(name: str, results: tuple) -> None:
    report = results[1][name]
    assert report.outcome != "passed" and report.num_passed < report.num_checked, report
    assert report.num_checked >= 5, report


@pytest.mark.parametrize("name", LIARS)
def test_a_lying_object_can_pass_tests_only_where_the_report_says_forgeable(name: str, results: tuple) -> None:
    report = results[1][name]
    assert report.forgeable or report.outcome != "passed", report


def test_the_honest_solution_passes(results: tuple) -> None:
    outcomes, report = results[0]["honest"], results[1]["honest"]
    assert right(outcomes)
    assert (report.num_passed, report.num_checked, report.outcome, report.forgeable) == (5, 5, "passed", False)
