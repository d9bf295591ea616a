"""Stands for a zygote that cannot be handed descriptors: it takes its orders, and passes the bytes on over one stream."""

from __future__ import annotations

import contextlib
import itertools
import os
import selectors
import socket
import threading
from typing import Any

from ncg_ray.sandbox.mux import CHUNK_BYTES, KILL, ORDER, PRINTED, REPLIES, REQUESTS, STATUS, Stream

MAX_ORDER_BYTES = 1 << 16


class Relay(threading.Thread):
    """Serves `control` as `zygote.py` does, by means of the zygote at the other end of the stream.

    Ends, and closes all it holds, when either side has gone.
    """

    def __init__(self, control: socket.socket, read_fd: int, write_fd: int) -> None:
        super().__init__(name="ncg-sandbox-relay", daemon=True)
        self._control, self._stream = control, Stream(read_fd, write_fd)
        self._runs: dict[int, _Run] = {}
        self._numbers = itertools.count()
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ, self._take_order)
        self._selector.register(read_fd, selectors.EVENT_READ, self._take_frames)

    def run(self) -> None:
        try:
            while True:
                for key, _ in self._selector.select():
                    if key.data() is False:
                        return
        except OSError:
            pass
        finally:
            self._selector.close()
            self._control.close()
            for run in self._runs.values():
                run.close()
            for fd in (self._stream.read_fd, self._stream.write_fd):
                with contextlib.suppress(OSError):
                    os.close(fd)

    def _take_order(self) -> bool:
        data, fds, _, _ = socket.recv_fds(self._control, MAX_ORDER_BYTES, 4)
        if not data:
            return False
        number = next(self._numbers)
        if fds:
            run = self._runs[number] = _Run(fds)
            self._selector.register(run.requests, selectors.EVENT_READ, lambda: self._take_request(number))
            self._selector.register(run.status, selectors.EVENT_READ, lambda: self._take_kill(number))
        self._stream.send(number, ORDER, data)
        return True

    def _take_request(self, number: int) -> bool:
        run = self._runs.get(number)
        if run is None:  # it ended in this very moment
            return True
        data = os.read(run.requests, CHUNK_BYTES)
        self._stream.send(number, REQUESTS, data)
        if not data:
            self._selector.unregister(run.requests)
        return True

    def _take_kill(self, number: int) -> bool:
        """The host has let go of the run, or wants it gone."""
        run = self._runs.get(number)
        if run is None:
            return True
        with contextlib.suppress(OSError):
            run.status.recv(16)
        self._selector.unregister(run.status)
        self._stream.send(number, KILL)
        return True

    def _take_frames(self) -> bool:
        frames = self._stream.receive()
        if frames is None:
            return False
        for number, channel, data in frames:
            if number == 0:
                self._control.send(data)  # ready
            elif number in self._runs:
                self._pass_on(number, channel, data)
        return True

    def _pass_on(self, number: int, channel: int, data: bytes) -> None:
        run = self._runs[number]
        if channel == STATUS and not data:  # all has been said
            for fd in (run.requests, run.status):
                with contextlib.suppress(KeyError, ValueError):
                    self._selector.unregister(fd)
            self._runs.pop(number).close()
        elif channel == STATUS:
            with contextlib.suppress(OSError):
                run.status.send(data)
        elif channel in (REPLIES, PRINTED):
            run.write(channel, data)


class _Run:
    """The host's four descriptors of one run."""

    def __init__(self, fds: list[int]) -> None:
        self.requests, replies, printed, status = fds
        self.status = socket.socket(fileno=status)
        self._writers: dict[int, int] = {REPLIES: replies, PRINTED: printed}

    def write(self, channel: int, data: bytes) -> None:
        fd = self._writers.get(channel, -1)
        if fd < 0:
            return
        view: Any = memoryview(data)
        try:
            while view:
                view = view[os.write(fd, view):]
        except OSError:  # nobody reads any more
            data = b""
        if not data:
            os.close(self._writers.pop(channel))

    def close(self) -> None:
        for fd in (self.requests, *self._writers.values()):
            os.close(fd)
        self._writers.clear()
        self.status.close()
