"""The outermost layer: who may come in, what is counted, and that no failure shows more than a line.

With keys, every path but the open ones needs `Authorization: Bearer`. Without keys only this machine is served: the
server must listen on loopback, the client must come from there, and must have asked for it by name, which a web page that
points its own name at 127.0.0.1 (DNS rebinding) did not.
"""

from __future__ import annotations

import ipaddress
import time
import traceback
from collections.abc import Mapping

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ncg_ray import telemetry
from ncg_ray.errors import NCGError
from ncg_ray.serving.keys import KeyRing
from ncg_ray.serving.metrics import Metrics
from ncg_ray.serving.refusal import RequestError, body_of, headers_of, is_openai

CLIENT_GONE = 499
"Status of a request whose client went away, as other servers count it."
OPEN_PATHS = ("/healthz", "/readyz")
"Probes come without a key, and get no details."


class Gate:
    """Wraps the app.

    Args:
        listens_on: the address that the HTTP server binds.
    """

    def __init__(self, app: ASGIApp, keys: KeyRing, metrics: Metrics, listens_on: str) -> None:
        self.app, self.keys, self.metrics, self.listens_on = app, keys, metrics, listens_on

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008, "reason": "not supported"})
            else:
                await self.app(scope, receive, send)
            return
        started, status = time.monotonic(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._admit(scope, receive, watched)
        finally:
            self.metrics.request(route_of(scope), status or CLIENT_GONE, time.monotonic() - started)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = finished = False

        async def watched(message: Message) -> None:
            nonlocal started, finished
            started = True
            finished = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        try:
            try:
                self._check(scope)
                scope["ncg_trusted"] = True
            except NCGError:
                if scope["path"] not in OPEN_PATHS:
                    raise
                scope["ncg_trusted"] = False
            await self.app(scope, receive, watched)
        except Exception as error:
            if finished:
                return  # Starlette answers and then raises again
            if started:
                raise
            await refuse(known(error, scope["path"]), scope["path"])(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        """Raise RequestError for a client that may not come in."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if self.keys.required():
            scheme, _, key = headers.get(b"authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not key.strip():
                raise RequestError("this server needs a key: send the header `Authorization: Bearer ncg_...`", status=401,
                                   kind="missing_key")
            owner = self.keys.owner(key.strip())
            if owner is None:
                raise RequestError("the key is not valid here; `ncg keys create` makes one", status=401, kind="wrong_key")
            scope["ncg_owner"] = owner
        elif not (is_loopback(self.listens_on) and is_loopback((scope.get("client") or ("",))[0])
                  and is_loopback(host_of(headers))):
            raise RequestError("this server has no keys, so it answers only to `localhost` on its own machine; "
                               "`ncg keys create` makes one", status=403, kind="loopback_only")


def known(error: Exception, where: str) -> NCGError:
    """What a client may be told of an error; what nobody has foreseen goes to the log."""
    if isinstance(error, NCGError):
        return error
    text = "".join(traceback.format_exception(error))
    telemetry.logger("serve").error("unforeseen", where=where[:200], error=f"{type(error).__name__}: {error}", text=text)
    return NCGError("something went wrong here; the server's log says what", kind="internal_error")


def refuse(error: NCGError, path: str) -> JSONResponse:
    """An error as a response."""
    return JSONResponse(body_of(error, is_openai(path)), error.http_status, headers_of(error))


def route_of(scope: Scope) -> str:
    """The pattern of the route that took the request; `other` where none did."""
    return str(getattr(scope.get("route"), "path", "other"))


def host_of(headers: Mapping[bytes, str]) -> str:
    """The name in the `Host` header, without its port."""
    host = headers.get(b"host", "")
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def is_loopback(host: str) -> bool:
    """Whether an address or a name is this machine's own. Other names are not looked up."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
