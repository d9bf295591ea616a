"""Replies of a sandboxed process as outcomes. A reply is hostile until it has passed through here."""

from __future__ import annotations

from typing import Any

from ncg_ray import plain
from ncg_ray.sandbox.session import Ended
from ncg_ray.types import BlockValues, Observation, Outcome, OutcomeKind

_TEXT_CHARS = 20_000
_SAID = {"raised": OutcomeKind.RAISED, "memory": OutcomeKind.MEMORY, "output": OutcomeKind.OUTPUT,
         "not_plain": OutcomeKind.NOT_PLAIN}
"What a process may say of itself beside `returned`; all else is for the host to judge."


def outcome(reply: dict[str, Any], elapsed_s: float) -> Outcome:
    """The reply as data. One that does not fit gives CRASHED."""
    try:
        after = reply.get("args_after")
        if after is not None and type(after) is not list:
            raise plain.NotPlain("args_after is not a list")
        args_after = None if after is None else tuple(plain.decode(after))
        kwargs_after = reply.get("kwargs_after")
        if kwargs_after is not None and type(kwargs_after) is not dict:
            raise plain.NotPlain("kwargs_after is not an object")
        if kwargs_after is not None:
            kwargs_after = {key: plain.decode(value) for key, value in kwargs_after.items()}
        kind = reply.get("kind")
        if kind == "returned":
            return Outcome(OutcomeKind.RETURNED, value=plain.decode(reply["value"]), args_after=args_after,
                           kwargs_after=kwargs_after, iterator=bool(_text(reply, "iterator")), elapsed_s=elapsed_s)
        return Outcome(_SAID[kind], error_type=_text(reply, "error_type"), message=_text(reply, "message"),
                       traceback=_text(reply, "traceback"), args_after=args_after, kwargs_after=kwargs_after,
                       error_base=_text(reply, "base"), elapsed_s=elapsed_s)
    except (plain.NotPlain, KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
        return Outcome(OutcomeKind.CRASHED, message=f"the process broke the protocol: {error}"[:200],
                       elapsed_s=elapsed_s)


def objects(reply: dict[str, Any], key: str, num: int) -> list[dict[str, Any]]:
    """A list of so many objects; an empty object stands for one that is not there."""
    value = reply.get(key)
    found = [item if type(item) is dict else {} for item in value[:num]] if type(value) is list else []
    return found + [{}] * (num - len(found))


def observation(reply: dict[str, Any]) -> Observation | None:
    """What a run tells about itself; None where it tells nothing that can be read."""
    try:
        told = reply["observed"]
        values = tuple(BlockValues(int(b["line"]), str(b["function"])[:200], b["at"], int(b["num_visits"]),
                                   _texts(b["first"]), _texts(b["last"])) for b in told["values"])
        return Observation(_lines(told["lines"]), _lines(told["missing_lines"]), _branches(told["branches"]),
                           _branches(told["missing_branches"]), values, str(told["problem"])[:200])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _lines(items: Any) -> tuple[int, ...]:
    return tuple(sorted({int(item) for item in items}))


def _branches(items: Any) -> tuple[tuple[int, int], ...]:
    return tuple(sorted({(int(a), int(b)) for a, b in items}))


def _texts(items: Any) -> tuple[dict[str, str], ...]:
    return tuple({str(name): str(text) for name, text in item.items()} for item in items)


def ended(error: Ended) -> Outcome:
    """The outcome of a call that ended its process."""
    return Outcome(error.kind, message=error.message, elapsed_s=error.elapsed_s)


def _text(reply: dict[str, Any], key: str) -> str:
    value = reply.get(key, "")
    if type(value) is not str:
        raise plain.NotPlain(f"{key} is not text")
    return value[:_TEXT_CHARS]
