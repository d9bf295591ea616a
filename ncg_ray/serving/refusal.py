"""What a client is told when it gets no answer: one JSON shape for our routes, OpenAI's for theirs. Never a traceback."""

from __future__ import annotations

import re
from typing import Any

from ncg_ray.errors import InfrastructureError, InputError, NCGError


class RequestError(InputError):
    """A request that is refused, with the HTTP status that says how."""

    def __init__(self, message: str, *, status: int = 400, kind: str = "request_error", **context: Any) -> None:
        super().__init__(message, status=status, kind=kind, **context)
        self.http_status = status


class BusyError(RequestError):
    """All places are taken. `retry_after_s` is a guess at when one is free."""

    def __init__(self, message: str, *, retry_after_s: int = 1, **context: Any) -> None:
        super().__init__(message, **{"status": 429, "kind": "busy", **context, "retry_after_s": retry_after_s})


class NotReadyError(InfrastructureError):
    """The actors are not there: still loading, or gone and being replaced."""

    retryable = True

    def __init__(self, message: str, *, retry_after_s: int = 5, **context: Any) -> None:
        super().__init__(message, retry_after_s=retry_after_s, **context)


def kind_of(error: NCGError) -> str:
    """`TaskError` -> `task_error`."""
    return str(error.context.get("kind") or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower())


def headers_of(error: NCGError) -> dict[str, str]:
    """`Retry-After` where trying again may help, `WWW-Authenticate` where a key is missing."""
    found = {}
    if error.http_status in (429, 503):
        found["retry-after"] = str(error.context.get("retry_after_s", 5))
    if error.http_status == 401:
        found["www-authenticate"] = "Bearer"
    if "allow" in error.context:
        found["allow"] = str(error.context["allow"])
    return found


def body_of(error: NCGError, openai: bool) -> dict[str, Any]:
    """`{"error": {...}}`. OpenAI's clients read `message`, `type`, `param` and `code`."""
    if openai:
        kind = ("server_error" if error.http_status >= 500 else
                {401: "authentication_error", 429: "rate_limit_error"}.get(error.http_status, "invalid_request_error"))
        return {"error": {"message": error.message, "type": kind, "param": error.context.get("key"),
                          "code": kind_of(error)}}
    facts = {"key": error.context["key"]} if error.context.get("key") else {}
    return {"error": {"type": kind_of(error), "message": error.message, **facts}}


def is_openai(path: str) -> bool:
    """Whether the clients of this path expect OpenAI's shape."""
    return path.startswith(("/v1/chat/", "/v1/models"))
