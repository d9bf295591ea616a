"""The routes, as a FastAPI app around a `Service`.

    POST /v1/generate            a task in (schema.py), the Trace out, or server-sent events with `"stream": true`
    GET  /v1/traces/{id}         a Trace that any replica made
    POST /v1/chat/completions    OpenAI's shape (chat.py); GET /v1/models lists the names
    GET  /healthz                this process lives; needs no key
    GET  /readyz                 200 once the canary task ran through model and sandbox, else 503; needs no key
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from ncg_ray import __version__
from ncg_ray.errors import NCGError
from ncg_ray.records import to_json
from ncg_ray.serving import chat, sse
from ncg_ray.serving.attend import ClientGoneError, until_gone
from ncg_ray.serving.gate import CLIENT_GONE, known, refuse
from ncg_ray.serving.refusal import NotReadyError, RequestError, body_of
from ncg_ray.serving.schema import Wish, read_wish
from ncg_ray.serving.service import Service
from ncg_ray.telemetry import Event, Listener, ignore
from ncg_ray.types import Trace

BODY_TIMEOUT_S = 30.0
"Seconds that a client may take to send its body."
STREAMED = ("decision", "attempt", "assumption")


def make_app(service: Service) -> FastAPI:
    """The app, without its gate."""
    # The documentation pages load scripts from elsewhere; the description itself has no use for them.
    app = FastAPI(title="ncg_ray", version=__version__, docs_url=None, redoc_url=None, openapi_url=None,
                  redirect_slashes=False)

    @app.post("/v1/generate")
    async def generate(request: Request) -> Response:
        wish = await asyncio.to_thread(read_wish, await _body(request, service))
        if wish.stream:
            return sse.EventStream(lambda emit: _stream(service, wish, emit))
        return _json(await until_gone(service.generate(wish), request.receive))

    @app.get("/v1/traces/{trace_id}")
    async def trace(trace_id: str) -> Response:
        return _json(await service.trace(trace_id))

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        asked = await asyncio.to_thread(chat.read_chat, await _body(request, service))
        if asked.wish.stream:
            return sse.EventStream(lambda emit: _stream_chat(service, asked, emit))
        return JSONResponse(chat.completion(await until_gone(service.generate(asked.wish), request.receive), asked.model))

    @app.get("/v1/models")
    async def models() -> Response:
        return JSONResponse(chat.model_list([*service.supply.current().parts.controllers], service.created))

    @app.get("/v1/models/{name}")
    async def model(name: str) -> Response:
        mode = chat.mode_of(name)
        if mode not in service.supply.current().parts.controllers:
            raise RequestError(f"mode {mode!r} is not served; GET /v1/models lists what is", status=404, key="model",
                               kind="model_not_found")
        return JSONResponse(chat.model_card(name, service.created))

    @app.get("/healthz")
    async def healthz() -> Response:
        return JSONResponse({"status": "alive"})

    @app.get("/readyz")
    async def readyz(request: Request) -> Response:
        trusted = request.scope.get("ncg_trusted", True)
        try:
            grant = await service.supply.ping()
        except NotReadyError as error:
            details = {"reason": error.message} if trusted else {}
            return JSONResponse({"ready": False, **details}, 503, {"retry-after": "5"})
        return JSONResponse({"ready": True, **({"notes": grant.notes} if trusted else {})})

    @app.exception_handler(NCGError)
    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        return refuse(known(error, request.url.path), request.url.path)

    @app.exception_handler(HTTPException)
    async def unroutable(request: Request, error: HTTPException) -> Response:
        return refuse(_unroutable(request, error), request.url.path)

    @app.exception_handler(ClientGoneError)
    async def gone(request: Request, error: ClientGoneError) -> Response:
        return Response(status_code=CLIENT_GONE)

    return app


def _unroutable(request: Request, error: HTTPException) -> RequestError:
    path, allowed = request.url.path[:200], dict(error.headers or {}).get("Allow", "")
    if error.status_code == 405:
        return RequestError(f"{request.method} is not for {path!r}; it takes {allowed}", status=405,
                            kind="method_not_allowed", allow=allowed)
    return RequestError(f"there is nothing at {path!r}; POST /v1/generate, POST /v1/chat/completions, GET /v1/models and "
                        "GET /v1/traces/ID are here", status=error.status_code, kind="not_found")


def _json(trace: Trace) -> Response:
    return Response(dumps(to_json(trace)), media_type="application/json")


def dumps(value: Any) -> str:
    """JSON in ASCII. What JSON cannot say (NaN, infinity) becomes null."""
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(json.loads(json.dumps(value), parse_constant=lambda _: None))


async def _body(request: Request, service: Service) -> bytes:
    """The body, JSON and no larger than allowed. Raises RequestError."""
    limit = service.config.serve.max_body_kb << 10
    too_large = RequestError(f"the body is larger than {service.config.serve.max_body_kb} KiB (serve.max_body_kb)",
                             status=413, kind="body_too_large")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 18 or int(length) > limit):
        raise too_large
    # A web page of a stranger can send other types from a visitor's browser without asking; JSON it cannot.
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise RequestError(f"content-type is {kind[:80] or 'missing'!r}; send `content-type: application/json`", status=415,
                           kind="wrong_content_type")
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise too_large
                parts.append(part)
    except ClientDisconnect:
        raise ClientGoneError from None
    except TimeoutError:
        raise RequestError(f"the body did not arrive within {BODY_TIMEOUT_S:g} s", status=408, kind="slow_body") from None
    return b"".join(parts)


async def _stream(service: Service, wish: Wish, emit: sse.Emit) -> None:
    def tell(event: Event) -> None:
        if event["event"] in STREAMED:
            emit(sse.json_frame(event))

    def fail(error: NCGError) -> bytes:
        return sse.json_frame({"event": "error", **body_of(error, openai=False)})

    if trace := await _streamed(service, wish, emit, tell, fail):
        emit(sse.frame(dumps({"event": "answer", "trace": to_json(trace)}), "answer"))


async def _stream_chat(service: Service, asked: chat.ChatWish, emit: sse.Emit) -> None:
    def fail(error: NCGError) -> bytes:
        return sse.frame(json.dumps(body_of(error, openai=True)))

    if trace := await _streamed(service, asked.wish, emit, ignore, fail):
        for data in chat.chunks(trace, asked.model, asked.with_usage):
            emit(sse.frame(data))


async def _streamed(service: Service, wish: Wish, emit: sse.Emit, tell: Listener,
                    fail: Callable[[NCGError], bytes]) -> Trace | None:
    """The Trace. Once the request is accepted the status is 200 for good, and an error is an event."""
    accepted = False

    def hear(event: Event) -> None:
        nonlocal accepted
        if event["event"] == "accepted":
            accepted = True
            emit(sse.comment("accepted"))
        tell(event)

    try:
        return await service.generate(wish, hear)
    except Exception as error:
        if not accepted:
            raise
        emit(fail(known(error, "stream")))
        return None
