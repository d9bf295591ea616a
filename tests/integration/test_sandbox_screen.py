"""Screening in shared processes, what a run tells about itself, and what it used."""

from __future__ import annotations

import time

import pytest

from ncg_ray.config import SandboxConfig
from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Call, ExecutionJob, Limits, ScreenJob
from ncg_ray.repair.fuse import fused
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.types import OutcomeKind as Kind

EXECUTOR = SandboxExecutor(SandboxConfig())
SHORT = Limits(time_s=0.3)


async def screen(*codes: str, calls: tuple[Call, ...] = (Call((3,)),), limits: Limits = SHORT):
    return (await EXECUTOR.screen([ScreenJob(codes, "f", calls, limits)]))[0]


async def test_each_candidate_gets_its_own_outcomes_whatever_its_neighbours_do() -> None:
    codes = ["def f(x): return x * 2", "def f(x):\n while True: pass", "def f(x): return 1 / 0", "def f(", "def g(): pass",
             "import os\ndef f(x): os._exit(0)", "def f(x): return object()", "def f(x): return 'y' * (1 << 20)",
             "def f(x): return bytearray(1 << 40)", "while True: pass", "def f(x):\n while True: print('x' * 999)",
             "def f(x): return x + 1"]
    kinds = [outcomes[0].kind for outcomes in await screen(*codes)]
    assert kinds == [Kind.RETURNED, Kind.TIMEOUT, Kind.RAISED, Kind.RAISED, Kind.RAISED, Kind.CRASHED, Kind.NOT_PLAIN,
                     Kind.OUTPUT, Kind.MEMORY, Kind.TIMEOUT, Kind.OUTPUT, Kind.RETURNED]
    assert (await screen(codes[0], codes[-1]))[1][0].value == 4


async def test_hundreds_of_candidates_on_several_inputs_keep_their_order() -> None:
    calls = tuple(Call((), {"x": n}) for n in range(4))
    found = await screen(*(f"def f(x): return [x, {i}]" for i in range(300)), calls=calls)
    assert [[o.value for o in outcomes] for outcomes in found] == [[[n, i] for n in range(4)] for i in range(300)]


async def test_a_call_cannot_change_the_input_of_the_next_candidate() -> None:
    code = "def f(xs):\n    xs.append(1)\n    return xs"
    assert [o[0].value for o in await screen(code, code, calls=(Call(([],)),))] == [[1], [1]]


async def test_what_a_liar_writes_into_the_stream_is_no_outcome() -> None:
    liar = ("import json, os, struct\ndef f(x):\n body = json.dumps({'id': '0' * 32, 'kind': 'returned', 'value': None,"
            " 'outcomes': [{'kind': 'returned', 'value': 9}]}).encode()\n"
            " os.write(4, struct.pack('>I', len(body)) + body)\n")
    broken = "import sys\nsys.modules['__main__'].Candidate.outcome = lambda *a: 'passed'\ndef f(x): return 1"
    found = await screen(liar, "def f(x): return x", broken)
    assert [o[0].kind for o in found] == [Kind.CRASHED, Kind.RETURNED, Kind.CRASHED]


async def test_inputs_that_are_not_plain_are_the_callers_fault() -> None:
    with pytest.raises(SandboxError, match="not plain"):
        await screen("def f(x): pass", calls=(Call((object(),)),))


CODE = """
def f(n):
    total = 0
    for i in range(n):
        if i % 2:
            total += i
    if n < 0:
        return None
    return total
"""


async def test_lines_branches_and_values_are_told_when_asked_for() -> None:
    job = ExecutionJob(CODE, "f", (Call((20,)), Call((0,))), observe=("coverage", "values"))
    (execution,) = await EXECUTOR.execute([job])
    seen = execution.observation
    assert [o.value for o in execution.outcomes] == [100, 0] and seen is not None and not seen.problem
    assert 6 in seen.lines and seen.missing_lines == (8,)
    assert (4, 5) in seen.branches and seen.missing_branches == ((7, 8),)
    loop = next(b for b in seen.values if b.at == "loop")
    assert (loop.line, loop.function, loop.num_visits) == (4, "f", 22)
    assert len(loop.first) == len(loop.last) == 5
    assert loop.first[0] == {"n": "20", "total": "0"} and loop.last[0]["i"] == "16"
    returned = next(b for b in seen.values if b.at == "return")
    assert [v["return"] for v in returned.first] == ["100", "0"]


async def test_a_run_that_ends_or_lies_tells_nothing_and_one_that_was_not_asked_neither() -> None:
    lies = "import sys\nfor m in list(sys.modules.values()):\n if hasattr(m, 'Observer'): m.Observer.report = lambda s: 7\n"
    jobs = [ExecutionJob("def f(): return 1", "f", (Call(),)),
            ExecutionJob("import os\ndef f(): os._exit(1)", "f", (Call(),), observe=("coverage",)),
            ExecutionJob(lies + "def f(): return 1", "f", (Call(),), observe=("values",))]
    executions = await EXECUTOR.execute(jobs)
    assert [e.observation for e in executions] == [None] * 3
    assert executions[2].outcomes[0].value == 1


async def test_what_a_run_used_and_what_it_was_denied() -> None:
    code = ("import os, socket\ndef f(n):\n    data = b'x' * (64 << 20)\n    for _ in range(3):\n        try: os.fork()\n"
            "        except PermissionError: pass\n    try: socket.socket()\n    except PermissionError: pass\n"
            "    return sum(i * i for i in range(n)) and len(data)\n")
    (execution,) = await EXECUTOR.execute([ExecutionJob(code, "f", (Call((300_000,)),))])
    usage = execution.usage
    assert execution.outcomes[0].value == 64 << 20, execution
    assert usage.denials == {"clone": 3, "socket": 1}  # what libc makes of a fork
    assert usage.peak_bytes > 64 << 20 and 0.005 < usage.cpu_s <= usage.wall_s + 0.1


async def test_an_attack_on_the_kernel_is_named() -> None:
    code = "import ctypes\ndef f(): return ctypes.CDLL(None).unshare(0x10000000)"
    (execution,) = await EXECUTOR.execute([ExecutionJob(code, "f", (Call(),))])
    assert execution.outcomes[0].kind is Kind.KILLED
    assert execution.outcomes[0].message == "the system call unshare is forbidden"
    assert execution.usage.denials == {"unshare": 1}


async def test_fused_candidates_stop_themselves_in_one_process_and_say_it_for_the_calls_after():
    endless = fused("def f(x):\n    while x:\n        x += 1\n    return x\n", 0.01)
    stubborn = fused("def f(x):\n    for _ in range(3):\n        try:\n            while x:\n                x += 1\n"
                     "        except BaseException:\n            pass\n    return 'late'\n", 0.01)
    began = time.monotonic()
    found = await screen(endless, fused("def f(x): return x", 0.01), *[endless] * 20, stubborn,
                         calls=(Call((0,)), Call((1,)), Call((2,))))
    assert [(o.kind, o.error_type or o.value) for o in found[0]] == [
        (Kind.RETURNED, 0), *[(Kind.RAISED, "KeyboardInterrupt")] * 2]
    assert [o.value for o in found[1]] == [0, 1, 2] and [o.value for o in found[-1]] == ["late"] * 3
    assert time.monotonic() - began < 22 * SHORT.time_s
