"""Frames to and from one sandboxed process: 4 bytes of length (big-endian), then JSON.

The other side is never trusted: a frame longer than the caller allows is refused before it is read, and what the
process prints is counted on this side and thrown away.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import struct
from collections.abc import Callable
from typing import Any

_CHUNK_BYTES = 1 << 16
_STARTUP_TEXT_BYTES = 4096


class Closed(Exception):
    """The process closed its end: it is gone, or as good as gone."""


class Broken(Exception):
    """What came is not a frame of ours; the message says what it is."""


class Overflow(Exception):
    """The process printed more than it may."""


class Channel:
    """The host's end of a pipe pair and of the pipe that holds printed output. Bound to the running loop."""

    def __init__(self, read_fd: int, write_fd: int, output_fd: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._read_fd, self._write_fd, self._output_fd = read_fd, write_fd, output_fd
        self._buffer = bytearray()
        self._unsent = memoryview(b"")
        self._waiter: asyncio.Future[None] | None = None
        self._num_printed = 0
        self._max_printed: int | None = None
        self._closed = False
        self.printed: bytearray | None = None
        "What was printed, where it is kept."
        self.startup_text = b""
        "What was printed before the first limit was set: bubblewrap's own errors."
        for fd in (read_fd, write_fd, output_fd):
            os.set_blocking(fd, False)
        self._loop.add_reader(output_fd, self.drain_output)

    def limit_output(self, max_bytes: int) -> None:
        """Start counting printed bytes anew."""
        self.drain_output()
        self._num_printed, self._max_printed = 0, max_bytes

    async def send(self, message: dict[str, Any]) -> None:
        """Raises Closed."""
        body = json.dumps(message, separators=(",", ":")).encode("ascii")
        self._unsent = memoryview(struct.pack(">I", len(body)) + body)
        await self.flush()

    async def flush(self) -> None:
        """Send what a cancelled `send` has left. Raises Closed."""
        while self._unsent:
            try:
                self._unsent = self._unsent[os.write(self._write_fd, self._unsent):]
            except BlockingIOError:
                await self._wait(self._loop.add_writer, self._loop.remove_writer, self._write_fd)
            except OSError:
                raise Closed from None

    async def receive(self, max_bytes: int) -> dict[str, Any]:
        """The next frame. Raises Closed, Broken, or Overflow."""
        while (frame := self.poll(max_bytes)) is None:
            await self._wait(self._loop.add_reader, self._loop.remove_reader, self._read_fd)
        return frame

    def poll(self, max_bytes: int) -> dict[str, Any] | None:
        """The next frame if all of it is there by now, else None; raises as `receive` does."""
        while True:
            self._check_printed()
            if len(self._buffer) >= 4:
                (size,) = struct.unpack_from(">I", self._buffer)
                if size > max_bytes:
                    raise Broken(f"a frame of {size} bytes where {max_bytes} are allowed")
                if len(self._buffer) >= 4 + size:
                    body = bytes(self._buffer[4:4 + size])
                    del self._buffer[:4 + size]
                    self.drain_output()
                    self._check_printed()
                    return _parse(body)
            try:
                data = os.read(self._read_fd, _CHUNK_BYTES)
            except BlockingIOError:
                return None
            if not data:
                raise Closed
            self._buffer += data

    def close(self) -> None:
        """Close our ends; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._output_fd)
        for fd in (self._read_fd, self._write_fd, self._output_fd):
            os.close(fd)

    def _check_printed(self) -> None:
        if self._max_printed is not None and self._num_printed > self._max_printed:
            raise Overflow(f"printed more than {self._max_printed} bytes")

    def drain_output(self) -> None:
        """Count what was printed by now."""
        while self._max_printed is None or self._num_printed <= self._max_printed:
            try:
                data = os.read(self._output_fd, _CHUNK_BYTES)
            except BlockingIOError:
                return
            if not data:
                self._loop.remove_reader(self._output_fd)
                return
            self._num_printed += len(data)
            if self.printed is not None:
                self.printed += data
            if self._max_printed is None:
                self.startup_text = (self.startup_text + data)[:_STARTUP_TEXT_BYTES]
        self._loop.remove_reader(self._output_fd)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self, add: Callable[..., None], remove: Callable[[int], bool], fd: int) -> None:
        self._waiter = waiter = self._loop.create_future()
        add(fd, lambda: waiter.done() or waiter.set_result(None))
        try:
            await waiter
        finally:
            remove(fd)
            self._waiter = None
        self._check_printed()


def _parse(body: bytes) -> dict[str, Any]:
    try:
        frame = json.loads(body, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError, MemoryError) as error:
        raise Broken(f"a frame that is not JSON: {type(error).__name__}") from None
    if type(frame) is not dict:
        raise Broken("a frame that is not an object")
    return frame


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)
