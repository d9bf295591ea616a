"""What a call did, as data: values, exceptions, changed arguments, iterators, restarts, odd code and odd hosts."""

from __future__ import annotations

import asyncio
import math
import os
import subprocess
import threading
import time
from pathlib import Path

import pytest
from sandbox_processes import runs

from ncg_ray.config import SandboxConfig
from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Call, Execution, ExecutionJob, Limits
from ncg_ray.sandbox import SandboxExecutor, bubblewrap, seccomp
from ncg_ray.types import OutcomeKind as Kind

LIMITS = Limits()
EXECUTOR = SandboxExecutor(SandboxConfig())


async def run(code: str, *calls: Call, limits: Limits = LIMITS, entry_point: str = "f") -> Execution:
    return (await EXECUTOR.execute([ExecutionJob(code, entry_point, calls, limits)]))[0]


async def test_plain_values_come_back_exactly() -> None:
    values = [None, True, 1, -(2**70), 1.5, -0.0, math.inf, 1 + 2j, "é\ud800\n", b"\x00\xff", [1, [2]], (1, (2,)),
              {1, 2}, frozenset({"a"}), {1: "a", (2,): []}, {"$tuple": 1}]
    execution = await run("def f(x): return x", *[Call((v,)) for v in values], Call((math.nan,)))
    *same, nan = execution.outcomes
    assert [o.value for o in same] == values
    assert [type(o.value) for o in same] == [type(v) for v in values]
    assert math.copysign(1, same[5].value) == -1 and math.isnan(nan.value)
    assert all(o.args_after is None and not o.iterator for o in execution.outcomes)
    assert execution.num_runs == 1 and 0 <= execution.outcomes[0].elapsed_s <= execution.elapsed_s


async def test_changed_arguments_are_reported() -> None:
    code = "def f(x, y):\n    x.append(True)\n    y[0] = 1.0\n    return x\n"
    (changed,) = (await run(code, Call(([3], [1])))).outcomes
    (odd,) = (await run("def f(x, y): x.append(object())", Call(([], 1)))).outcomes
    assert changed.args_after == ([3, True], [1.0]) and changed.value == [3, True]
    assert "object" in odd.args_after[0] and odd.args_after[1] == 1


async def test_iterators_become_lists_and_say_so() -> None:
    code = ("def f(kind):\n    return {'gen': (i for i in [1, 2]), 'map': map(abs, [-1]), 'zip': zip([1], [2]),\n"
            "        'range': range(2), 'keys': {1: 2}.keys(), 'list': [1]}[kind]\n")
    kinds = ("gen", "map", "zip", "range", "keys", "list")
    outcomes = (await run(code, *[Call((kind,)) for kind in kinds])).outcomes
    assert [o.value for o in outcomes] == [[1, 2], [1], [(1, 2)], [0, 1], [1], [1]]
    assert [o.iterator for o in outcomes] == [True] * 5 + [False]


async def test_exceptions_are_data_with_the_candidates_frames() -> None:
    code = ("class Odd(ValueError):\n    def __str__(self): raise KeyError\n"
            "def f(n):\n    if n == 0: raise ValueError('no' * 9999)\n    if n == 1: raise SystemExit(3)\n"
            "    if n == 2: raise Odd\n    return f(n)\n")
    execution = await run(code, *[Call((n,)) for n in range(4)])
    value, leave, odd, deep = execution.outcomes
    assert [o.kind for o in execution.outcomes] == [Kind.RAISED] * 4
    assert [o.error_type for o in execution.outcomes] == ["ValueError", "SystemExit", "Odd", "RecursionError"]
    assert len(value.message) <= 2000 and leave.message == "3" and "KeyError" in odd.message
    assert value.traceback == "  File \"candidate.py\", line 4, in f\n    if n == 0: raise ValueError('no' * 9999)"
    assert "more frames" in deep.traceback and len(deep.traceback) < 3000
    assert execution.num_runs == 1


async def test_values_that_are_not_plain_name_their_type() -> None:
    code = "import collections\nclass Point: pass\ndef f(n): return [Point(), [{1: len}], collections.Counter('aa')][n]"
    one, nested, counter = (await run(code, Call((0,)), Call((1,)), Call((2,)))).outcomes
    assert one.kind is Kind.NOT_PLAIN and "Point" in one.message
    assert nested.kind is Kind.NOT_PLAIN and "builtin_function_or_method" in nested.message
    assert counter.value == {"a": 2}


@pytest.mark.parametrize(("code", "error_type", "message"), [
    ("def g(): pass", "NameError", "does not define 'f'"), ("f = 3", "TypeError", "is a int"),
    ("def f(:", "SyntaxError", ""), ("def f(): return '\0'", "SyntaxError", "null"), ("x = '\ud800'", "", ""),
    ("raise ValueError('at import')", "ValueError", "at import"), ("(" * 5000, "", ""), ("import torch", "", "torch")])
async def test_a_module_that_does_not_load_is_an_outcome(code: str, error_type: str, message: str) -> None:
    execution = await run(code, Call(), Call())
    assert execution.load.kind in (Kind.RAISED, Kind.MEMORY)
    assert error_type in execution.load.error_type and message in execution.load.message
    assert [o.kind for o in execution.outcomes] == [Kind.NOT_RUN] * 2


async def test_ten_megabytes_of_code_end_in_an_outcome() -> None:
    execution = await run("x = [" + "1," * 5_000_000 + "]", Call(), limits=Limits(time_s=0.5))
    assert execution.load.kind in (Kind.TIMEOUT, Kind.MEMORY, Kind.RAISED)


async def test_a_call_that_ends_the_process_costs_a_restart_and_two_are_the_most() -> None:
    code = "import os\nseen = []\ndef f(x):\n    seen.append(x)\n    if x < 0: os._exit(0)\n    return len(seen)"
    execution = await run(code, *[Call((x,)) for x in (1, -1, 1, -1, 1, -1, 1, 1)])
    kinds = [o.kind for o in execution.outcomes]
    assert kinds == [Kind.RETURNED, Kind.CRASHED] * 3 + [Kind.NOT_RUN] * 2
    assert [o.value for o in execution.outcomes[:5:2]] == [1, 1, 1] and execution.num_runs == 3
    assert "exit status 0" in execution.outcomes[1].message


async def test_state_lives_for_one_job_only_and_printing_is_thrown_away() -> None:
    code = "import os\nn = 0\ndef f():\n    global n; n += 1\n    print('x' * 40000)\n    open('/tmp/x', 'a').write('x')\n" \
           "    return n, os.path.getsize('/tmp/x')"
    first, second = await EXECUTOR.execute([ExecutionJob(code, "f", (Call(), Call()))] * 2)
    assert [o.value for o in first.outcomes] == [(1, 1), (2, 2)] == [o.value for o in second.outcomes]


async def test_honest_use_of_threads_async_and_tmp_works() -> None:
    code = ("import asyncio, concurrent.futures, tempfile, random, zoneinfo\n"
            "async def g(): await asyncio.sleep(0); return 1\n"
            "def f():\n    with concurrent.futures.ThreadPoolExecutor(4) as pool: n = sum(pool.map(abs, [-1, -2]))\n"
            "    with tempfile.TemporaryFile() as file: file.write(b'x')\n"
            "    random.random()\n    return n + asyncio.run(g())\n")
    (outcome,) = (await run(code, Call())).outcomes
    assert outcome.value == 4, outcome


async def test_the_order_of_string_sets_is_the_same_in_every_run() -> None:
    code = "def f(): return list({'a', 'b', 'c', 'd', 'e', 'f'})"
    assert len({tuple((await run(code, Call())).outcomes[0].value) for _ in range(3)}) == 1


async def test_cancelling_kills_the_process_and_leaks_nothing() -> None:
    await run("def f(): pass", Call())
    before = set(os.listdir("/proc/self/fd"))
    task = asyncio.ensure_future(run("def f():\n    while True: pass", Call(), limits=Limits(time_s=60)))
    while len(runs()) < 2:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not runs()
    assert set(os.listdir("/proc/self/fd")) == before


def test_one_executor_serves_event_loops_in_several_threads() -> None:
    executor, values = SandboxExecutor(SandboxConfig(num_workers=1)), []

    def work() -> None:
        jobs = [ExecutionJob("def f(x): return x * 2", "f", (Call((21,)),))] * 3
        values.extend(e.outcomes[0].value for e in asyncio.run(executor.execute(jobs)))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work()
    assert values == [42] * 9


async def test_what_the_caller_gets_wrong_is_a_sandbox_error() -> None:
    with pytest.raises(SandboxError, match="type object is not plain"):
        await run("def f(x): pass", Call((object(),)))
    with pytest.raises(SandboxError, match="time_s"):
        await run("def f(): pass", limits=Limits(time_s=math.nan))
    with pytest.raises(SandboxError, match="memory_bytes"):
        await run("def f(): pass", limits=Limits(memory_bytes=1))


async def test_no_bubblewrap_is_an_error_that_names_the_mend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    arguments, bwrap_only = bubblewrap.arguments()[1:], SandboxConfig(backend="bubblewrap")
    for path, mend in ((str(broken), "user namespaces"), (str(tmp_path / "none"), "install it again")):
        monkeypatch.setattr(bubblewrap, "arguments", lambda path=path: (path, *arguments))
        with pytest.raises(SandboxError, match=mend):
            await SandboxExecutor(bwrap_only).isolation()


def test_the_filter_exists_for_both_machines_and_no_other() -> None:
    for machine in ("x86_64", "aarch64"):
        program = seccomp.program(machine)
        assert len(program) % 8 == 0 and len(program) // 8 < 4096
    with pytest.raises(SandboxError, match="riscv64"):
        seccomp.program("riscv64")


async def test_a_deadline_is_kept_by_the_host() -> None:
    started = time.monotonic()
    execution = await run("import time\ndef f(): time.sleep(60)", Call(), limits=Limits(time_s=0.2))
    assert execution.outcomes[0].kind is Kind.TIMEOUT and time.monotonic() - started < 5


def test_bubblewrap_is_found() -> None:
    assert subprocess.run([bubblewrap.bwrap_path(), "--version"], capture_output=True).returncode == 0
