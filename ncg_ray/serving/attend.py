"""Work that ends with its client: Serve cancels the request's task, other servers send `http.disconnect`; both stop it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

T = TypeVar("T")


class ClientGoneError(Exception):
    """Nobody is there to be answered. Not an NCGError: it is not shown to anybody."""


async def until_gone(work: Coroutine[Any, Any, T], receive: Receive) -> T:
    """Wait for `work`; cancel it when the client goes away or we are cancelled, and wait until it has tidied up.

    Args:
        receive: the request's, after its body was read.

    Raises:
        ClientGoneError
    """
    task, watch = asyncio.ensure_future(work), asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientGoneError
        return task.result()
    finally:
        task.cancel()
        watch.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
