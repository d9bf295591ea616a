"""The body of `POST /v1/generate`: read strictly, so that whatever is wrong is a 4xx that names the key and the mend."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from ncg_ray.serving.refusal import RequestError
from ncg_ray.task.mapping import TASK_KEYS, task_from_mapping
from ncg_ray.types import MODES, Mode, Task

OPTION_KEYS = ("mode", "seed", "deadline_s", "stream")
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Wish:
    """One request for code, checked."""

    task: Task
    mode: Mode | None = None
    seed: int | None = None
    deadline_s: float | None = None
    "Seconds until the best so far is the answer; `serve.deadline_s` where it is None or larger."
    stream: bool = False


def read_wish(body: bytes) -> Wish:
    """Read a request: a task's keys beside `seed deadline_s stream`, or `{"task": <the same, or words>, ...}`.

    Raises RequestError for the body, TaskError for the task in it.
    """
    data = read_object(body)
    if "task" in data:
        check_keys(data, ("task", *OPTION_KEYS))
        task = data.pop("task")
        given = {"prompt": task} if isinstance(task, str) else task
    else:
        check_keys(data, tuple(dict.fromkeys((*TASK_KEYS, *OPTION_KEYS))))  # `mode` is both
        given = {key: value for key, value in data.items() if key in TASK_KEYS and key not in OPTION_KEYS}
    mode = data.get("mode")
    if mode is not None and mode not in MODES:
        raise RequestError(f"mode is {short(mode)}; one of {', '.join(MODES)}", key="mode")
    options = read_options(data)
    return Wish(task_from_mapping(given), cast("Mode | None", mode), **options)


def read_options(data: dict[str, Any]) -> dict[str, Any]:
    """`seed`, `deadline_s` and `stream` out of a body. Raises RequestError."""
    seed, deadline_s, stream = data.get("seed"), data.get("deadline_s"), data.get("stream")
    if seed is not None and (type(seed) is not int or not 0 <= seed <= LARGEST_SEED):
        raise RequestError(f"seed is {short(seed)}; a whole number from 0 to {LARGEST_SEED}", key="seed")
    if deadline_s is not None and (type(deadline_s) not in (int, float) or not 0 < deadline_s < math.inf):
        raise RequestError(f"deadline_s is {short(deadline_s)}; seconds, a number above 0", key="deadline_s")
    if stream is not None and type(stream) is not bool:
        raise RequestError(f"stream is {short(stream)}; true or false", key="stream")
    return {"seed": seed, "deadline_s": None if deadline_s is None else float(min(deadline_s, 1e9)),
            "stream": bool(stream)}


def read_object(body: bytes) -> dict[str, Any]:
    """A JSON object. Raises RequestError for anything else, NaN, infinities and endless nesting included."""
    try:
        data = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise RequestError(f"the body is not UTF-8 (byte {error.start}); send UTF-8", kind="malformed_json") from None
    except RecursionError:
        raise RequestError("the body is nested too deep; a task is a flat object", kind="malformed_json") from None
    except ValueError as error:  # JSONDecodeError, and Python's limit on the digits of an int
        raise RequestError(f"the body is not JSON: {_first_line(error)}", kind="malformed_json") from None
    if not isinstance(data, dict):
        raise RequestError(f"the body is {short(data)}; send an object such as {{\"prompt\": \"Add two numbers.\"}}")
    return data


def check_keys(data: dict[str, Any], known: Sequence[str]) -> None:
    """Raise RequestError for the first key that is not known."""
    import difflib

    for key in data:
        if key not in known:
            near = difflib.get_close_matches(key[:100], known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise RequestError(f"unknown key {short(key)}; {hint}Known: {', '.join(known)}", key=key[:100])


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].partition("; use sys.")[0][:200]


def short(value: Any) -> str:
    """A value as it may stand in an error message."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
