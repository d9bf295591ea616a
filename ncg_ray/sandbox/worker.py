"""One zygote, seen from the host: it starts runs until it is old, sick or closed."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Environment
from ncg_ray.sandbox.backends import Backend
from ncg_ray.sandbox.policy import NOTHING
from ncg_ray.sandbox.relay import Relay

START_TIMEOUT_S = 30.0
END_TIMEOUT_S = 5.0
MAX_RUNS = 5000
"After so many runs a worker makes room for a fresh one, whatever it may have gathered."

# A zygote dies with the thread that started it: so this one thread, which lives as long as the process, starts all.
_spawner = ThreadPoolExecutor(1, thread_name_prefix="ncg-sandbox-spawner")


class Worker:
    """A zygote in its sandbox. Any thread may ask it for runs; `Session` is such a run.

    Raises SandboxError where it cannot be started, with the mend.
    """

    def __init__(self, backend: Backend, environment: Environment = NOTHING) -> None:
        self.backend, self.environment = backend, environment
        self.num_runs = 0
        self.is_sick = False
        "A run failed through no fault of the candidate: take another worker."
        self._lock = threading.Lock()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        self._relay: Relay | None = None
        self._folder = ""
        "Where its runs write, for a back end without mounts."
        self._process = self._spawn(theirs)

    def _spawn(self, theirs: socket.socket) -> subprocess.Popen[bytes]:
        argv = self.backend.command(theirs.fileno(), self.environment)
        words, last_words = os.pipe()
        ends = (subprocess.PIPE, subprocess.PIPE) if self.backend.is_relayed else (subprocess.DEVNULL, last_words)
        try:
            process = _spawner.submit(subprocess.Popen, argv, stdin=ends[0], stdout=ends[1], stderr=last_words,
                                      pass_fds=(theirs.fileno(),), env={"PATH": os.defpath}, cwd="/").result()
        except OSError as error:
            theirs.close()
            os.close(words)
            raise SandboxError(f"{argv[0]} does not run: {error.strerror}; install it again") from None
        finally:
            os.close(last_words)
        if self.backend.is_relayed:
            assert process.stdin is not None and process.stdout is not None
            self._relay = Relay(theirs, os.dup(process.stdout.fileno()), os.dup(process.stdin.fileno()))
            self._relay.start()
            process.stdin.close()
            process.stdout.close()
        else:
            theirs.close()
        try:
            setup = self.backend.setup(self.environment)
            self._folder = setup.get("runs", "")
            self._control.settimeout(START_TIMEOUT_S)
            self._control.send(json.dumps(setup).encode())
            if self._control.recv(16) == b"ready":
                self._control.setblocking(False)
                os.close(words)
                return process
            reason = "it ended before it was ready"
        except OSError as error:
            reason = str(error)
        process.kill()
        process.wait()
        text = os.read(words, 4096).decode("utf-8", "replace")
        os.close(words)
        self._control.close()
        raise SandboxError(self.backend.explain(text or reason), stderr=text)

    @property
    def is_usable(self) -> bool:
        return not self.is_sick and self.num_runs < MAX_RUNS and self._process.poll() is None

    def fork(self, settings: dict[str, Any], fds: list[int]) -> str:
        """Order one run with these descriptors; returns the word that it must greet with. Raises SandboxError."""
        hello = secrets.token_hex(8)
        try:
            with self._lock:
                self.num_runs += 1
                socket.send_fds(self._control, [json.dumps({**settings, "hello": hello}).encode()], fds)
        except OSError as error:
            self.is_sick = True
            raise SandboxError(f"a sandbox worker went away: {error.strerror}") from None
        return hello

    def close(self) -> None:
        """End the zygote, and with it every run of it."""
        with self._lock:
            if self._relay is not None:
                # The end of its input ends the zygote, and what holds it tidies up after itself.
                with contextlib.suppress(OSError):
                    self._control.shutdown(socket.SHUT_RDWR)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(END_TIMEOUT_S)
            self._control.close()
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            if self._folder:
                subprocess.run(["rm", "-rf", "--", self._folder], check=False)  # however deep a run has nested folders
                self._folder = ""

    def __del__(self) -> None:
        if hasattr(self, "_process"):
            self.close()
