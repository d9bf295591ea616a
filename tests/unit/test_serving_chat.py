"""OpenAI's shape, through the official client."""

from __future__ import annotations

import contextlib

import httpx2
import openai
import pytest
from serving_app import CHAT, CODE, served

from ncg_ray.errors import GenerationError
from ncg_ray.serving.chat import read_chat
from ncg_ray.testing import ScriptedGenerator


@contextlib.asynccontextmanager
async def client(folder, *sets, **more):
    async with served(folder, *sets, **more) as (http, service):
        yield openai.AsyncOpenAI(base_url="http://localhost/v1", api_key="none", max_retries=0,
                                 http_client=httpx2.AsyncClient(transport=http._transport)), service


def prompt(*turns: tuple[str, str]) -> str:
    import json

    messages = [{"role": role, "content": text} for role, text in turns]
    return read_chat(json.dumps({"model": "ncg", "messages": messages}).encode()).wish.task.prompt


class TestConversations:
    def test_one_message_is_the_task(self):
        assert prompt(("user", "Add two numbers.")) == "Add two numbers."

    def test_a_stub_in_the_only_code_block_is_the_task(self):
        stub = 'def f(x):\n    """Double x."""\n'
        assert prompt(("system", "Be brief."), ("user", f"Complete this:\n```python\n{stub}```\nThanks")) == stub
        assert prompt(("user", stub)) == stub

    def test_two_blocks_or_a_block_without_a_function_are_words(self):
        words = "Make f like g:\n```python\ndef g(): ...\n```\n```python\ndef f(): ...\n```"
        assert prompt(("user", words)) == words
        assert prompt(("user", "Why does\n```\nx = 1\n```\nwork?")).startswith("Why")

    def test_earlier_turns_are_part_of_the_words(self):
        text = prompt(("system", "Use recursion."), ("user", "Factorial."), ("assistant", "def f(n): ..."),
                      ("user", "Also for 0."))
        assert text == "Use recursion.\n\nFactorial.\n\nYour answer was:\ndef f(n): ...\n\nAlso for 0."

    def test_content_may_come_in_parts(self):
        import json

        parts = [{"type": "text", "text": "Add"}, {"type": "text", "text": "numbers."}]
        body = {"model": "ncg", "messages": [{"role": "user", "content": parts}]}
        assert read_chat(json.dumps(body).encode()).wish.task.prompt == "Add\nnumbers."


class TestClient:
    async def test_an_answer(self, tmp_path):
        async with client(tmp_path) as (ai, _):
            answer = await ai.chat.completions.create(**CHAT, temperature=0.7, max_tokens=100, n=1, tools=[], seed=3)
            content = answer.choices[0].message.content
            assert content.startswith(f"```python\n{CODE.strip()}\n```\n\nVerdict: TESTED, confidence 0.")
            assert answer.choices[0].finish_reason == "stop" and answer.usage.completion_tokens == 1
            assert answer.ncg["verdict"] == "TESTED" and answer.id == f"chatcmpl-{answer.ncg['trace_id']}"
            assert answer.ncg["reward"]["total"] > 0.9

    @pytest.mark.parametrize("with_usage", [False, True])
    async def test_a_stream(self, tmp_path, with_usage):
        async with client(tmp_path) as (ai, _):
            options = {"stream_options": {"include_usage": True}} if with_usage else {}
            chunks = [chunk async for chunk in await ai.chat.completions.create(**CHAT, stream=True, **options)]
            whole = await ai.chat.completions.create(**CHAT)
            text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
            assert text == whole.choices[0].message.content
            assert chunks[0].choices[0].delta.role == "assistant"
            last = chunks[-2] if with_usage else chunks[-1]
            assert last.choices[0].finish_reason == "stop" and last.ncg["verdict"] == "TESTED"
            assert (chunks[-1].usage is not None) == with_usage and len({chunk.id for chunk in chunks}) == 1

    async def test_models(self, tmp_path):
        async with client(tmp_path) as (ai, _):
            assert [model.id async for model in ai.models.list()] == [
                "ncg", "ncg-neural", "ncg-adaptive", "ncg-hybrid", "ncg-symbolic"]
            assert (await ai.models.retrieve("ncg-neural")).id == "ncg-neural"
            answer = await ai.chat.completions.create(**{**CHAT, "model": "ncg-neural"})
            assert answer.model == "ncg-neural" and answer.ncg["mode"] == "neural"
            with pytest.raises(openai.NotFoundError, match="gpt-4"):
                await ai.chat.completions.create(**{**CHAT, "model": "gpt-4"})
            with pytest.raises(openai.NotFoundError, match="ncg-magic"):
                await ai.chat.completions.create(**{**CHAT, "model": "ncg-magic"})

    async def test_errors_are_the_client_s_own(self, tmp_path):
        async with client(tmp_path, "serve.max_running=1", "serve.max_waiting=0") as (ai, service):
            with service.admission.enter(), pytest.raises(openai.RateLimitError) as caught:
                await ai.chat.completions.create(**CHAT)
            assert int(caught.value.response.headers["retry-after"]) >= 1 and caught.value.code == "busy"

    async def test_a_failure_in_a_stream_reaches_the_client(self, tmp_path):
        generator = ScriptedGenerator([CODE], failures=[GenerationError("the model is gone")])
        async with client(tmp_path, generator=generator) as (ai, _):
            with pytest.raises(openai.APIError, match="the model is gone"):
                async for _ in await ai.chat.completions.create(**CHAT, stream=True):
                    pass
