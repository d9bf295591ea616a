"""OpenAI's chat shape: a conversation in, one message with the code and its verdict out.

Covers: text messages, streaming, `seed`, and `deadline_s` beside OpenAI's own keys. The model `ncg` is adaptive mode,
`ncg-<mode>` any other. A message that is a Python stub, or holds one in its only code block, is the task itself; else
the words of the whole conversation are.
Does not cover: what would change the meaning of the answer, such as tools, several choices or a response format: a 400
that names it. Sampling parameters are read and left alone, since the loop chooses its own.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from ncg_ray.serving.refusal import RequestError
from ncg_ray.serving.schema import Wish, check_keys, read_object, read_options, short
from ncg_ray.task.mapping import task_from_mapping
from ncg_ray.task.stub import looks_like_stub
from ncg_ray.types import MODES, Mode, Trace

MODEL = "ncg"
"The model's name; `ncg-neural` and so on name a mode."
ROLES = ("system", "developer", "user", "assistant")
LEFT_ALONE = ("temperature", "top_p", "max_tokens", "max_completion_tokens", "presence_penalty", "frequency_penalty", "user",
              "metadata", "store", "service_tier", "reasoning_effort", "verbosity", "safety_identifier", "prompt_cache_key")
"Keys that are accepted and change nothing."
NEUTRAL: dict[str, tuple[Any, ...]] = {
    "n": (1,), "tools": ([],), "tool_choice": ("none", "auto"), "parallel_tool_calls": (True, False), "functions": ([],),
    "function_call": ("none", "auto"), "response_format": ({"type": "text"},), "logprobs": (False,), "top_logprobs": (0,),
    "logit_bias": ({},), "stop": ([],), "modalities": (["text"],), "audio": (), "prediction": (), "web_search_options": ()}
"Keys that are not supported, with the values at which they ask for nothing; null always does."
OWN_KEYS = ("model", "messages", "stream", "stream_options", "seed", "deadline_s")
_BLOCK = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ChatWish:
    """One chat request, checked."""

    wish: Wish
    model: str
    with_usage: bool = False
    "`stream_options.include_usage`: one more chunk at the end of a stream."


def read_chat(body: bytes) -> ChatWish:
    """Raises RequestError naming the parameter, and TaskError."""
    data = read_object(body)
    for key, neutral in NEUTRAL.items():
        value = data.pop(key, None)
        if value is not None and not any(type(value) is type(other) and value == other for other in neutral):
            raise RequestError(f"{key} = {short(value)} is not supported; leave it out", key=key,
                               kind="unsupported_parameter")
    check_keys(data, (*OWN_KEYS, *LEFT_ALONE, *NEUTRAL))
    model = data.get("model")
    if not isinstance(model, str):
        raise RequestError(f"model is {short(model)}; write \"{MODEL}\", or a name that GET /v1/models lists", key="model")
    options = data.get("stream_options") or {}
    if not isinstance(options, dict):
        raise RequestError(f"stream_options is {short(options)}; an object such as {{\"include_usage\": true}}",
                           key="stream_options")
    task = task_from_mapping({"prompt": _prompt(data.get("messages")), "id": "chat"}, "the conversation")
    wish = Wish(task, mode_of(model), **read_options(data))
    return ChatWish(wish, model, options.get("include_usage") is True)


def mode_of(model: str) -> Mode:
    """Raises RequestError, 404 as OpenAI does, for a model that is not ours."""
    mode = "adaptive" if model == MODEL else model.removeprefix(f"{MODEL}-")
    if not model.startswith(MODEL) or mode not in MODES:
        raise RequestError(f"there is no model {short(model)}; GET /v1/models lists them", status=404, key="model",
                           kind="model_not_found")
    return cast(Mode, mode)


def model_list(modes: list[str], created: int) -> dict[str, Any]:
    """The answer of `GET /v1/models`."""
    names = [MODEL, *(f"{MODEL}-{mode}" for mode in modes)]
    return {"object": "list", "data": [model_card(name, created) for name in names]}


def model_card(name: str, created: int) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created, "owned_by": "ncg_ray"}


def _prompt(messages: Any) -> str:
    if not isinstance(messages, list) or not messages:
        raise RequestError("messages must be a list that holds at least one message with role \"user\"", key="messages")
    turns = [_turn(message, f"messages[{i}]") for i, message in enumerate(messages)]
    role, text = turns[-1]
    if role != "user":
        raise RequestError(f"messages[{len(turns) - 1}] has role {role!r}; the last message must be the user's",
                           key="messages")
    if stub := _stub(text):
        return stub
    if len(turns) == 1:
        return text
    earlier = [said if role != "assistant" else f"Your answer was:\n{said}" for role, said in turns[:-1]]
    return "\n\n".join(said for said in [*earlier, text] if said.strip())


def _turn(message: Any, where: str) -> tuple[str, str]:
    if not isinstance(message, dict):
        raise RequestError(f"{where} is {short(message)}; write {{\"role\": \"user\", \"content\": \"...\"}}",
                           key="messages")
    role, content = message.get("role"), message.get("content")
    if role not in ROLES:
        raise RequestError(f"{where}.role is {short(role)}; one of {', '.join(ROLES)}", key="messages")
    if message.get("tool_calls") or message.get("function_call"):
        raise RequestError(f"{where} holds tool calls, which are not supported", key="messages",
                           kind="unsupported_parameter")
    if content is None and role == "assistant":
        content = ""
    if isinstance(content, list):
        for part in content:
            if not isinstance(part, dict) or part.get("type") != "text" or not isinstance(part.get("text"), str):
                raise RequestError(f"{where}.content holds {short(part)}; only parts of type \"text\" are supported",
                                   key="messages", kind="unsupported_parameter")
        content = "\n".join(part["text"] for part in content)
    if not isinstance(content, str):
        raise RequestError(f"{where}.content is {short(content)}; write text", key="messages")
    return cast(str, role), content


def _stub(text: str) -> str:
    """The Python stub that a message is, or that its only code block holds; else nothing."""
    if looks_like_stub(text):
        return text
    blocks = _BLOCK.findall(text)
    return blocks[0] if len(blocks) == 1 and looks_like_stub(blocks[0]) else ""


# --- answers ------------------------------------------------------------------------------------------------


def message_text(trace: Trace) -> str:
    """What the assistant says: the code, and one line on what is known of it."""
    if trace.answer is None:
        return f"No code: {trace.note or 'nothing was found'}."
    return f"```python\n{trace.code.strip()}\n```\n\nVerdict: {trace.verdict}, confidence {trace.confidence:.2f}."


def facts(trace: Trace) -> dict[str, Any]:
    """The `ncg` object beside OpenAI's own fields."""
    reward = trace.answer.reward if trace.answer else None
    return {"trace_id": trace.id, "verdict": trace.verdict, "confidence": trace.confidence,
            "reward": None if reward is None else {"total": reward.total, "gated": reward.gated},
            "mode": trace.mode, "assumptions": len(trace.assumptions)}


def usage(trace: Trace) -> dict[str, int]:
    """Tokens over all candidates. Those of the prompts are not counted."""
    tokens = trace.counts.get("tokens", 0)
    return {"prompt_tokens": 0, "completion_tokens": tokens, "total_tokens": tokens}


def completion(trace: Trace, model: str) -> dict[str, Any]:
    """The answer of `POST /v1/chat/completions`."""
    message = {"role": "assistant", "content": message_text(trace), "refusal": None}
    return {"id": f"chatcmpl-{trace.id}", "object": "chat.completion", "created": int(time.time()), "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            "usage": usage(trace), "ncg": facts(trace)}


def chunks(trace: Trace, model: str, with_usage: bool) -> Iterator[str]:
    """The same as a stream: the data of each server-sent event. The code exists only at the end, so it comes at once."""
    head = {"id": f"chatcmpl-{trace.id}", "object": "chat.completion.chunk", "created": int(time.time()), "model": model}

    def chunk(delta: dict[str, Any], end: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": end, "logprobs": None}
        return json.dumps({**head, "choices": [choice], **more})

    yield chunk({"role": "assistant", "content": ""})
    for line in message_text(trace).splitlines(keepends=True):
        yield chunk({"content": line})
    yield chunk({}, "stop", ncg=facts(trace))
    if with_usage:
        yield json.dumps({**head, "choices": [], "usage": usage(trace)})
    yield "[DONE]"
