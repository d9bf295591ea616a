"""Server-sent events: frames, and a response that works while it streams.

Source: the HTML standard, section 9.2, "Server-sent events".
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ncg_ray.serving.attend import ClientGoneError, until_gone

KEEP_ALIVE_S = 10.0
"Seconds of silence after which a comment is sent, so that proxies and clients keep the connection."
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}

Emit = Callable[[bytes], None]


def frame(data: str, event: str = "") -> bytes:
    """One event. A line break in the data becomes another `data:` line."""
    lines = [f"event: {event}"] if event else []
    lines += [f"data: {line}" for line in data.split("\n")]
    return ("\n".join(lines) + "\n\n").encode("utf-8", "backslashreplace")


def json_frame(event: dict[str, Any]) -> bytes:
    """One of our events, named by its `event` key."""
    return frame(json.dumps(event), str(event["event"]))


def comment(text: str) -> bytes:
    """What clients pass over."""
    return f": {text}\n\n".encode()


class EventStream(Response):
    """Sends what `produce(emit)` emits, as it comes.

    Until the first byte an exception of `produce` passes through, so that a refusal is still an HTTP status; whatever
    goes wrong later `produce` must say in an event of its own. A client that goes away cancels it.
    """

    media_type = "text/event-stream"

    def __init__(self, produce: Callable[[Emit], Awaitable[None]]) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self.produce = produce

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(ClientGoneError):
            await until_gone(self._work(send), receive)

    async def _work(self, send: Send) -> None:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        producer = asyncio.ensure_future(self.produce(queue.put_nowait))
        producer.add_done_callback(lambda _: queue.put_nowait(None))
        try:
            first = await queue.get()
            if first is None:
                await producer  # raises what went wrong before anything was sent
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            data = first
            while data is not None:
                await send({"type": "http.response.body", "body": data, "more_body": True})
                try:
                    async with asyncio.timeout(KEEP_ALIVE_S):
                        data = await queue.get()
                except TimeoutError:
                    data = comment("working")
        finally:
            producer.cancel()
            await asyncio.gather(producer, return_exceptions=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
