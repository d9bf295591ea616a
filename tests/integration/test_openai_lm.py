"""The server back end against a real HTTP server on loopback that speaks the OpenAI protocol."""

import asyncio
import time

import pytest
from openai_server import REPLY, Server

from ncg_ray.config import load
from ncg_ray.errors import DeadlineError, GenerationError, ModelError
from ncg_ray.generate import load_generator
from ncg_ray.protocols import CompletionRequest, GenerationRequest
from ncg_ray.types import Task


def generator(server, *sets):
    return load_generator(load(sets=[f"model.source={server.url}", *sets]).model, print)


TASK = Task("add one", signature="def f(x)", entry_point="f")


async def test_candidates_come_out_of_chat_replies(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sesame")
    with Server() as server:
        ((first, second),) = await generator(server).generate([GenerationRequest(TASK, 2, 0.4, 5)])
    assert first.code == "def f(x):\n    return x + 1\n" == second.code
    assert (first.mean_logprob, first.num_tokens) == (-0.5, 2)
    body, authorization = server.requests[0]
    assert (body["model"], body["n"], body["temperature"], body["seed"]) == ("tiny", 2, 0.4, 5)
    assert authorization == "Bearer sesame" and "def f(x)" in body["messages"][0]["content"]


async def test_a_server_that_gives_one_choice_at_a_time_is_asked_again():
    with Server(choices=1) as server:
        ((*candidates,),) = await generator(server).generate([GenerationRequest(TASK, 3, 0.4)])
    assert len(candidates) == 3 and len({body["seed"] for body, _ in server.requests}) == 3


async def test_overload_is_retried():
    with Server(script=[429, 503]) as server:
        (replies,) = await generator(server).complete([CompletionRequest("hello")])
    assert replies[0].text == REPLY and len(server.requests) == 3


@pytest.mark.parametrize("status,kind,said", [
    (401, ModelError, "OPENAI_API_KEY"), (404, ModelError, r"model\.name"), (400, ModelError, "refused")])
async def test_a_refusal_is_the_users_to_mend_and_is_not_retried(status, kind, said):
    with Server(script=[status] * 9) as server, pytest.raises(kind, match=said):
        await generator(server).complete([CompletionRequest("hello")])
    assert len(server.requests) == 1


async def test_a_server_that_keeps_failing_is_infrastructure(monkeypatch):
    monkeypatch.setattr("ncg_ray.generate.openai_lm.MAX_RETRIES", 1)
    with Server(script=[500] * 9) as server, pytest.raises(GenerationError, match="failed"):
        await generator(server).complete([CompletionRequest("hello")])


async def test_the_deadline_holds(monkeypatch):
    monkeypatch.setattr("ncg_ray.generate.openai_lm.MAX_RETRIES", 0)
    with Server(delay_s=30) as server, pytest.raises(DeadlineError, match=r"model\.deadline_s"):
        await generator(server, "model.deadline_s=1").complete([CompletionRequest("hello")])


async def test_a_cancelled_call_lets_go_of_the_server_at_once():
    with Server(delay_s=30) as server:
        model = generator(server)
        asked = asyncio.ensure_future(model.complete([CompletionRequest("hello")]))
        while not server.requests:
            await asyncio.sleep(0.01)
        started = time.monotonic()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert time.monotonic() - started < 2


def test_no_server_there():
    with pytest.raises(ModelError, match="no list of models"):
        load_generator(load(sets=["model.source=http://127.0.0.1:9/v1"]).model, print)


def test_a_server_without_models():
    with Server(models=()) as server, pytest.raises(ModelError, match="lists no model"):
        generator(server)
