"""One run, seen from the host: start it, ask it, and be sure that it is gone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

from ncg_ray.errors import SandboxError
from ncg_ray.sandbox import policy
from ncg_ray.sandbox.channel import Broken, Channel, Closed, Overflow
from ncg_ray.sandbox.worker import Worker
from ncg_ray.types import OutcomeKind, Usage

T = TypeVar("T")

START_TIMEOUT_S = 30.0
END_TIMEOUT_S = 10.0
"For the supervisor to bury a run that was killed; far more than it ever takes."
FRAME_OVERHEAD_BYTES = 1 << 16
"Room for traceback and message beside the value in a reply."
WALL_FACTOR = 20.0
"A run that waits for a CPU all the time is given up after so many times its budget."
STATUS_BYTES = 1 << 14


class Ended(Exception):
    """The process is of no more use; `kind` says what the candidate did to it."""

    def __init__(self, kind: OutcomeKind, message: str, elapsed_s: float) -> None:
        super().__init__(message)
        self.kind, self.message, self.elapsed_s = kind, message, elapsed_s


class Session:
    """A process in namespaces of its own. Use it as `async with await Session.start(...)`.

    Budgets are active seconds: wall seconds without those that its main thread waited for a CPU, so that a busy machine
    changes no outcome.
    """

    def __init__(self, worker: Worker, channel: Channel, status: socket.socket) -> None:
        self._worker, self._channel, self._status = worker, channel, status
        self._pidfd = -1
        self._pids: tuple[int, ...] = ()
        self._cpu_s = 0.0
        self._has_started = False
        self.usage: Usage | None = None
        "What the run used, once it has ended."
        self._end: dict[str, Any] = {}

    @classmethod
    async def start(cls, worker: Worker, role: str, memory_bytes: int, cpu_s: float, site: bool = False) -> Session:
        """Start and confine one run. Raises SandboxError, and then the worker is sick."""
        order = policy.order(memory_bytes, cpu_s)
        session, hello = cls._order(worker, {**order, "role": role, "site": site})
        session._cpu_s = order["cpu_s"]
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await session._receive_status()
                answer = await session._channel.receive(FRAME_OVERHEAD_BYTES)
            if answer.get("hello") != hello or not session._has_started:
                raise Broken(f"its first words were {answer!r:.100}")
            return session
        except (Closed, Broken, TimeoutError) as error:
            worker.is_sick = True
            await session.close()
            text = session._channel.startup_text.decode("utf-8", "replace")
            raise SandboxError(f"a run did not start: {text.strip() or error or 'the worker went away'}",
                               stderr=text) from None
        except BaseException:
            await session.close()
            raise

    @classmethod
    def _order(cls, worker: Worker, settings: dict[str, Any]) -> tuple[Session, str]:
        fds: list[int] = []
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            for _ in range(3):
                fds += os.pipe()
            child_read, to_child, from_child, child_write, output, child_output = fds
            hello = worker.fork(settings, [child_read, child_write, child_output, theirs.fileno()])
        except BaseException:
            for fd in fds:
                os.close(fd)
            ours.close()
            raise
        finally:
            theirs.close()
        for fd in (child_read, child_write, child_output):
            os.close(fd)
        ours.setblocking(False)
        return cls(worker, Channel(from_child, to_child, output), ours), hello

    async def _receive_status(self) -> bool:
        """Take in one word of the supervisor; False where it has gone."""
        loop = asyncio.get_running_loop()
        ready = loop.create_future()
        loop.add_reader(self._status, lambda: ready.done() or ready.set_result(None))
        try:
            await ready
        finally:
            loop.remove_reader(self._status)
        try:
            data, fds, _, _ = socket.recv_fds(self._status, STATUS_BYTES, 1)
        except OSError:
            return False
        if not data:
            return False
        event = json.loads(data)
        if event["event"] == "started":
            self._has_started = True
            if fds:  # else the zygote sees other numbers than this host
                self._pidfd = fds[0]
                self._pids = _pids_of(self._pidfd)
        else:
            self._end = event
            self.usage = Usage(event["wall_s"], event["cpu_s"], event["peak_bytes"], event["denials"])
        return True

    async def request(self, message: dict[str, Any], timeout_s: float, max_bytes: int,
                      max_printed: int) -> tuple[dict[str, Any], float]:
        """Ask one thing; the reply and the active seconds it took. Raises Ended, SandboxError."""
        async for answer in self.stream(message, timeout_s, max_bytes, max_printed):
            return answer
        raise AssertionError("unreachable")

    async def stream(self, message: dict[str, Any], timeout_s: float, max_bytes: int,
                     max_printed: int) -> AsyncIterator[tuple[dict[str, Any], float]]:
        """Ask one thing under a fresh random id, and take replies, each with its active seconds, as long as the caller
        wants. Limits are for one reply. Raises Ended, SandboxError.
        """
        ident = secrets.token_hex(16)
        most = max_bytes + FRAME_OVERHEAD_BYTES

        async def ask() -> dict[str, Any]:
            await self._channel.send({**message, "id": ident, "max_bytes": max_bytes})
            return await self._channel.receive(most)

        async def go_on() -> dict[str, Any]:
            await self._channel.flush()
            return await self._channel.receive(most)

        begin = ask
        while True:
            self._channel.limit_output(max_printed)
            clock = _Active(self._pids)
            try:
                try:
                    reply = await clock.within(timeout_s, begin, go_on)
                except TimeoutError:
                    # This host may have been too busy to look: what lies in the pipe by now came in time.
                    late = self._channel.poll(most)
                    if late is None:
                        raise Ended(OutcomeKind.TIMEOUT, f"no answer within {timeout_s:g} s", clock.seconds()) from None
                    reply = late
                if reply.pop("id", None) != ident:
                    raise Broken("an answer to a question that was not asked")
            except Overflow as error:
                raise Ended(OutcomeKind.OUTPUT, str(error), clock.seconds()) from None
            except Broken as error:
                raise Ended(OutcomeKind.CRASHED, f"the process broke the protocol: {error}", clock.seconds()) from None
            except Closed:
                kind, why = await self._why_ended()
                raise Ended(kind, why, clock.seconds()) from None
            yield reply, clock.seconds()
            begin = go_on

    def keep_output(self) -> None:
        """From now on keep what is printed, within the limits that `receive` sets."""
        self._channel.printed = bytearray()

    def output(self) -> str:
        """What was printed since `keep_output`."""
        self._channel.drain_output()
        return (self._channel.printed or b"").decode("utf-8", "replace")

    async def send(self, message: dict[str, Any]) -> None:
        """Send without waiting for a reply; raises Closed."""
        await self._channel.send(message)

    async def receive(self, timeout_s: float, max_bytes: int, max_printed: int | None = None) -> dict[str, Any]:
        """The next event of a process that runs tests. Raises Ended, SandboxError."""
        if max_printed is not None:
            self._channel.limit_output(max_printed)
        try:
            def listen() -> Awaitable[dict[str, Any]]:
                return self._channel.receive(max_bytes)

            return await _Active(self._pids).within(timeout_s, listen, listen)
        except TimeoutError:
            raise Ended(OutcomeKind.TIMEOUT, f"the tests were silent for {timeout_s:g} s", timeout_s) from None
        except Overflow as error:
            raise Ended(OutcomeKind.OUTPUT, str(error), 0.0) from None
        except Broken as error:
            raise Ended(OutcomeKind.CRASHED, f"the process broke the protocol: {error}", 0.0) from None
        except Closed:
            raise Ended(*await self._why_ended(), 0.0) from None

    async def _why_ended(self) -> tuple[OutcomeKind, str]:
        """What the supervisor says of the end. Raises SandboxError where the end was ours."""
        closed_only = False
        try:
            async with asyncio.timeout(1.0):
                while not self._end and await self._receive_status():
                    pass
        except TimeoutError:
            closed_only = True
        if closed_only:
            return OutcomeKind.CRASHED, "the process closed the pipe"
        if not self._end:
            self._worker.is_sick = True
            raise SandboxError("a sandbox worker went away in the middle of a run")
        number = self._end["signal"]
        if name := self._end["killed_by"]:
            return OutcomeKind.KILLED, f"the system call {name} is forbidden"
        if number == signal.SIGSYS:
            return OutcomeKind.KILLED, "a forbidden system call"
        if number in (signal.SIGKILL, signal.SIGXCPU) and self._end["cpu_s"] >= self._cpu_s - 0.5:
            return OutcomeKind.TIMEOUT, f"it used {self._end['cpu_s']:.1f} CPU seconds"
        if number == signal.SIGKILL:  # which no run can send to itself: it is the first process of its namespace
            self._worker.is_sick = True
            raise SandboxError("a run was killed from outside, such as by the machine's out-of-memory killer")
        if number:
            try:
                return OutcomeKind.CRASHED, f"the process died of {signal.Signals(number).name}"
            except ValueError:
                return OutcomeKind.CRASHED, f"the process died of signal {number}"
        return OutcomeKind.CRASHED, f"the process ended itself with exit status {self._end['exit']}"

    async def close(self) -> None:
        """Kill it and wait until the supervisor has buried it, also where this task is being cancelled."""
        self._kill()
        self._channel.close()
        if self._status.fileno() >= 0:
            burial = asyncio.ensure_future(self._buried())
            await asyncio.shield(burial)

    def _kill(self) -> None:
        """By the pidfd where there is one; else, and where the run has not even begun, through the supervisor."""
        with contextlib.suppress(OSError):  # it is dead already
            if self._pidfd >= 0:
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            else:
                self._status.shutdown(socket.SHUT_WR)
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1

    async def _buried(self) -> None:
        try:
            async with asyncio.timeout(END_TIMEOUT_S):
                while await self._receive_status():
                    if self._pidfd >= 0:  # it only just began
                        self._kill()
        except (TimeoutError, OSError):
            self._worker.is_sick = True
        finally:
            self._status.close()

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class _Active:
    """A clock that stands still while the main thread of a run, or the supervisor that answers it, waits for a CPU.

    Source: /proc/<pid>/schedstat (nanoseconds on a CPU, nanoseconds on a run queue, time slices).
    """

    def __init__(self, pids: tuple[int, ...]) -> None:
        self._pids, self._began = pids, time.monotonic()
        self._waited = [_waited_s(pid) for pid in pids]

    def seconds(self) -> float:
        # The longer wait of the two: they may have waited at the same time.
        waits = [_waited_s(pid) - before for pid, before in zip(self._pids, self._waited, strict=True)]
        return max(0.0, time.monotonic() - self._began - max([0.0, *waits]))

    async def within(self, budget_s: float, first: Callable[[], Awaitable[T]], again: Callable[[], Awaitable[T]]) -> T:
        """Await `first`; where time was up on the wall only, go on with `again`. Raises TimeoutError."""
        left_s = budget_s
        while True:
            try:
                async with asyncio.timeout(left_s):
                    return await first()
            except TimeoutError:
                left_s = budget_s - self.seconds()
                if left_s <= 0 or time.monotonic() - self._began > WALL_FACTOR * budget_s:
                    raise
                left_s, first = max(left_s, 0.002), again


def _waited_s(pid: int) -> float:
    """Seconds that the process has waited for a CPU; 0 where the kernel does not tell."""
    try:
        with open(f"/proc/{pid}/schedstat", "rb") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _pids_of(pidfd: int) -> tuple[int, ...]:
    """The numbers of the run and of its supervisor as this host sees them; none where they are gone."""
    try:
        with open(f"/proc/self/fdinfo/{pidfd}", encoding="ascii") as file:
            pid = next(int(line.split()[1]) for line in file if line.startswith("Pid:"))
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            return pid, next(int(line.split()[1]) for line in file if line.startswith("PPid:"))
    except (OSError, StopIteration, ValueError):
        return ()
