"""What hostile code tries to do to the machine; every attempt is contained and the next job runs clean."""

from __future__ import annotations

import asyncio
import os

import pytest
from sandbox_processes import BACKENDS, missing

from ncg_ray.config import SandboxConfig
from ncg_ray.protocols import Call, ExecutionJob, Limits
from ncg_ray.sandbox import SandboxExecutor
from ncg_ray.types import Outcome
from ncg_ray.types import OutcomeKind as Kind

LIMITS = Limits(time_s=2.0, memory_bytes=256 << 20)
SHORT = Limits(time_s=0.4, memory_bytes=256 << 20)
TRY = """
def f():
    try:
        return attack()
    except OSError as error:
        return "denied: " + type(error).__name__
"""
SYSCALL = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def call(*numbers):
    result = libc.syscall(*numbers)
    if result < 0:
        raise OSError(ctypes.get_errno(), "denied")
    return result
"""

# name: (code that defines `attack`, kinds of outcome that are contained)
DENIED: dict[str, str] = {
    "read_shadow": "def attack(): return open('/etc/shadow').read()",
    "read_passwd": "def attack(): return open('/etc/passwd').read()",
    "list_home": "import os\ndef attack(): return os.listdir('/home')",
    "list_proc": "import os\ndef attack():\n names = os.listdir('/proc')\n if not names: raise OSError\n return names",
    "host_environment": "def attack(): return open('/proc/1/environ').read()",
    "symlink_out": "import os\ndef attack():\n os.symlink('/etc/shadow', '/tmp/x')\n return open('/tmp/x').read()",
    "write_root": "def attack(): return open('/evil', 'w').write('x')",
    "write_library": "import os\ndef attack(): return open(os.__file__, 'a').write('x')",
    "write_own_harness": "def attack(): return open('/sandbox/child.pyc', 'w').write('x')",
    "fork": "import os\ndef attack(): return os.fork()",
    "double_fork": "import os\ndef attack():\n if os.fork() == 0 and os.fork() == 0: os.setsid()\n return 'escaped'",
    "spawn": "import os, sys\ndef attack(): return os.posix_spawn(sys.executable, ['python'], {})",
    "set_user_program": "import os\ndef attack(): return os.execv('/usr/bin/su', ['su'])",
    "unix_server": "import socket\ndef attack(): return socket.socket(socket.AF_UNIX).bind('/tmp/x')",
    "hard_link_out": "import os\ndef attack(): return os.link('/etc/passwd', '/tmp/y')",
    "rename_library": "import os\ndef attack(): return os.rename(os.__file__, '/tmp/os.py')",
    "device": "import os\ndef attack(): return os.mknod('/tmp/sda', 0o60600, os.makedev(8, 0))",
    "proc_root": "import os\ndef attack(): return os.listdir('/proc/self/root/etc')",
    "own_memory": "def attack(): return open('/proc/self/mem', 'rb').read(1)",
    "sysfs": "def attack(): return open('/sys/kernel/uevent_helper', 'w').write('/tmp/x')",
    "clock": "import time\ndef attack(): return time.clock_settime(time.CLOCK_REALTIME, 0)",
    "priority": "import os\ndef attack(): return os.setpriority(os.PRIO_PROCESS, 0, -20)",
    "pidfd": "import os\ndef attack(): return os.pidfd_open(os.getppid() or 1)",
    "perf": SYSCALL + "def attack(): return call(298 if os.uname().machine == 'x86_64' else 241, 0, 0, -1, -1, 0)",
    "userfaultfd": SYSCALL + "def attack(): return call(323 if os.uname().machine == 'x86_64' else 282, 0)",
    "subprocess": "import subprocess, sys\ndef attack(): return subprocess.run([sys.executable, '-c', ''])",
    "exec": "import os, sys\ndef attack(): return os.execv(sys.executable, ['python'])",
    "system": "import os\ndef attack():\n if os.system('true') != 0: raise OSError\n return 'ran'",
    "tcp": "import socket\ndef attack(): return socket.create_connection(('1.1.1.1', 80), 1).fileno()",
    "udp": "import socket\ndef attack(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).fileno()",
    "abstract_socket": "import socket\ndef attack(): return socket.socket(socket.AF_UNIX).connect('\\0x')",
    "netlink": "import socket\ndef attack(): return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).fileno()",
    "kill_all": "import os\ndef attack(): return os.kill(-1, 9)",
    "kill_group": "import os\ndef attack(): return os.kill(0, 9)",
    "kill_parent": "import os\ndef attack(): return os.kill(2, 9)",
    "chroot": "import os\ndef attack(): return os.chroot('/tmp')",
    "setuid": "import os\ndef attack(): return os.setuid(0)",
    "raise_limit": "import resource\ndef attack():\n try: resource.setrlimit(resource.RLIMIT_AS, (-1, -1))\n"
                   " except ValueError: raise OSError\n return 'raised'",
    "memfd": "import os\ndef attack(): return os.memfd_create('x')",
    "shared_memory": SYSCALL + "def attack(): return call(29 if os.uname().machine == 'x86_64' else 194, 0, 4096, 0)",
    "io_uring": SYSCALL + "def attack(): return call(425, 8, 0)",
    "clone_process": SYSCALL + "def attack():\n"
                     " x86 = os.uname().machine == 'x86_64'\n return call(56 if x86 else 220, 17, 0, 0, 0, 0)",
    "clone3": SYSCALL + "def attack(): return call(435, 0, 0)",
    "new_call": SYSCALL + "def attack(): return call(500, 0, 0)",
}
KILLED: dict[str, str] = {
    "ptrace": SYSCALL + "def f(): return call(101 if os.uname().machine == 'x86_64' else 117, 0, 0, 0, 0)",
    "mount": SYSCALL + "def f(): return call(165 if os.uname().machine == 'x86_64' else 40, b'x', b'/tmp', b'tmpfs', 0)",
    "unshare": SYSCALL + "def f(): return call(272 if os.uname().machine == 'x86_64' else 97, 0x10000000)",
    "bpf": SYSCALL + "def f(): return call(321 if os.uname().machine == 'x86_64' else 280, 0, 0, 0)",
    "keyctl": SYSCALL + "def f(): return call(250 if os.uname().machine == 'x86_64' else 219, 0, 0)",
    "setns": SYSCALL + "def f(): return call(308 if os.uname().machine == 'x86_64' else 268, 0, 0)",
    "pivot_root": SYSCALL + "def f(): return call(155 if os.uname().machine == 'x86_64' else 41, b'/', b'/')",
    "new_mount": SYSCALL + "def f(): return call(430, b'tmpfs', 0)",
    "module": SYSCALL + "def f(): return call(313 if os.uname().machine == 'x86_64' else 273, 0, b'', 0)",
    "read_memory": SYSCALL + "def f(): return call(310 if os.uname().machine == 'x86_64' else 270, 1, 0, 0, 0, 0, 0)",
}
LIMITED: dict[str, tuple[str, set[Kind], Limits]] = {
    "endless_loop": ("def f():\n while True: pass", {Kind.TIMEOUT}, SHORT),
    "ignores_signals": ("import signal\ndef f():\n for n in (2, 14, 15, 24): signal.signal(n, signal.SIG_IGN)\n"
                        " while True: pass", {Kind.TIMEOUT}, SHORT),
    "catches_everything": ("def f():\n while True:\n  try:\n   while True: pass\n  except BaseException: pass",
                           {Kind.TIMEOUT}, SHORT),
    "sleeps": ("import time\ndef f(): time.sleep(60)", {Kind.TIMEOUT}, SHORT),
    "huge_int": ("def f(): return 10**10**8", {Kind.TIMEOUT, Kind.MEMORY}, SHORT),
    "regex_bomb": ("import re\ndef f(): return re.match('(a+)+$', 'a' * 40 + 'b')", {Kind.TIMEOUT}, SHORT),
    "huge_string": ("def f(): return len('x' * (8 << 30))", {Kind.MEMORY}, LIMITS),
    "huge_digits": ("def f(): return str(10 ** 5000)", {Kind.RAISED}, LIMITS),
    "printed_gigabyte": ("def f(): print('x' * (200 << 20))", {Kind.OUTPUT, Kind.MEMORY}, LIMITS),
    "one_big_file": ("def f():\n with open('big', 'wb') as file:\n  while True: file.write(bytes(1 << 20))",
                     {Kind.RAISED, Kind.KILLED, Kind.CRASHED}, LIMITS),
    "memory_bomb": ("def f(): return len(bytearray(8 << 30))", {Kind.MEMORY}, LIMITS),
    "memory_creep": ("def f():\n x = []\n while True: x.append(bytes(1 << 22))", {Kind.MEMORY}, LIMITS),
    "output_bomb": ("def f():\n while True: print('x' * 10000)", {Kind.OUTPUT}, LIMITS),
    "stderr_bomb": ("import os\ndef f():\n while True: os.write(2, b'x' * 10000)", {Kind.OUTPUT}, LIMITS),
    "huge_reply": ("def f(): return 'x' * (1 << 20)", {Kind.OUTPUT}, LIMITS),
    "deep_recursion": ("def f(): return f()", {Kind.RAISED}, LIMITS),
    "deeper_recursion": ("import sys\nsys.setrecursionlimit(10**9)\nclass A:\n def __repr__(self): return repr(self)\n"
                         "def f(): return repr(A())", {Kind.CRASHED, Kind.MEMORY}, LIMITS),
    "segfault": ("import ctypes\ndef f(): return ctypes.string_at(0)", {Kind.CRASHED}, LIMITS),
    "abort": ("import os\ndef f(): os.abort()", {Kind.CRASHED}, LIMITS),
    "disk_fill": ("def f():\n n = 0\n while True:\n  n += 1\n  open(f'/tmp/{n}', 'wb').write(bytes(1 << 20))",
                  {Kind.RAISED, Kind.TIMEOUT, Kind.KILLED}, LIMITS),
    "endless_iterator": ("import itertools\ndef f(): return itertools.count()", {Kind.NOT_PLAIN}, LIMITS),
    "open_files": ("def f():\n return [open('/dev/null') for _ in range(1000)]", {Kind.RAISED}, LIMITS),
}


def run(jobs: list[ExecutionJob], backend: str = "bubblewrap") -> list[Outcome]:
    executions = asyncio.run(SandboxExecutor(SandboxConfig(backend=backend, num_workers=3)).execute(jobs))
    return [e.outcomes[0] for e in executions]


@pytest.fixture(scope="module", params=BACKENDS)
def outcomes(request: pytest.FixtureRequest) -> dict[str, Outcome]:
    """All attacks in one batch, with an honest job at the end."""
    if lacking := missing(request.param):
        pytest.skip(lacking)
    codes = {name: (code + TRY, LIMITS) for name, code in DENIED.items()}
    codes |= {name: (code, LIMITS) for name, code in KILLED.items()}
    codes |= {name: (code, limits) for name, (code, _, limits) in LIMITED.items()}
    codes["honest"] = ("def f(): return 42", LIMITS)
    jobs = [ExecutionJob(code, "f", (Call(),), limits) for code, limits in codes.values()]
    return dict(zip(codes, run(jobs, request.param), strict=True))


@pytest.mark.parametrize("name", DENIED)
def test_what_is_denied_says_so_to_the_candidate(name: str, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[name].kind is Kind.RETURNED, outcomes[name]
    assert str(outcomes[name].value).startswith("denied: "), outcomes[name]


@pytest.mark.parametrize("name", KILLED)
def test_attacks_on_the_kernel_end_the_process(name: str, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[name].kind is Kind.KILLED, outcomes[name]


@pytest.mark.parametrize("name", LIMITED)
def test_what_takes_too_much_is_stopped(name: str, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[name].kind in LIMITED[name][1], outcomes[name]


def test_an_honest_job_among_them_is_undisturbed(outcomes: dict[str, Outcome]) -> None:
    assert outcomes["honest"].value == 42


def test_the_candidate_sees_no_environment_and_no_host_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NCG_SECRET", "token")
    code = ("import os, sys\ndef f(path):\n"
            " return [k for k in os.environ if 'SECRET' in k], os.getpid(), os.getuid(), os.listdir('/tmp'), "
            "os.path.exists(path), sorted(os.listdir('/dev'))\n")
    here = os.path.abspath(__file__)
    job = ExecutionJob(code, "f", (Call((here,)),))
    (outcome,) = run([job])
    assert outcome.value == ([], 1, 1000, [], False, ["null", "urandom", "zero"])


def test_only_the_pipe_is_open_inside() -> None:
    code = ("import os\ndef f():\n found = []\n for fd in range(2000):\n  try: os.fstat(fd); found.append(fd)\n"
            "  except OSError: pass\n return found\n")
    (outcome,) = run([ExecutionJob(code, "f", (Call(),))])
    assert outcome.value[:3] == [0, 1, 2] and len(outcome.value) == 5
