"""Bad input over HTTP: a 4xx that says what to write instead, and an app that answers the next request."""

from __future__ import annotations

import asyncio
import json

import pytest
from serving_app import CHAT, TASK, served

JSON = {"content-type": "application/json"}


def deep(num: int) -> str:
    return '{"prompt": ' + "[" * num + "]" * num + "}"


BAD_BODIES = [
    # body, status, type, said
    ("", 400, "malformed_json", "not JSON"),
    ("{", 400, "malformed_json", "not JSON"),
    ('{"prompt": "a",}', 400, "malformed_json", "not JSON"),
    ("\xff\xfe".encode("latin-1"), 400, "malformed_json", "UTF-8"),
    (json.dumps(TASK).encode("utf-16"), 400, "malformed_json", "UTF-8"),
    ('{"prompt": "Add.", "deadline_s": NaN}', 400, "malformed_json", "NaN"),
    ('{"prompt": "Add.", "deadline_s": 1e999}', 400, "request_error", "deadline_s"),
    ('{"prompt": "Add.", "seed": Infinity}', 400, "malformed_json", "Infinity"),
    ('{"prompt": "Add.", "seed": ' + "9" * 5000 + "}", 400, "malformed_json", "4300 digits"),
    (deep(100_000), 400, "malformed_json", "nested too deep"),
    (deep(500), 400, "task_error", "prompt"),
    ('{"prompt": "f", "signature": "def f(x)", "examples": [{"args": [' + "[" * 500 + "]" * 500 + '], "returns": 1}]}', 400,
     "task_error", "nested"),
    ("[]", 400, "request_error", "send an object"),
    ("null", 400, "request_error", "send an object"),
    ('"words"', 400, "request_error", "send an object"),
    ("3", 400, "request_error", "send an object"),
    ({}, 400, "task_error", "prompt"),
    ({"prompt": ""}, 400, "task_error", "empty"),
    ({"prompt": "   "}, 400, "task_error", "empty"),
    ({"prompt": 3}, 400, "task_error", "prompt is 3"),
    ({"prompt": None}, 400, "task_error", "prompt"),
    ({"prompt": "Add.\0"}, 400, "task_error", "NUL"),
    ('{"prompt": "\\ud800"}', 400, "task_error", "Unicode"),
    ({"prompt": "Add.", "promt": 1}, 400, "request_error", "did you mean 'prompt'"),
    ({"prompt": "Add.", "x" * 500: 1}, 400, "request_error", "unknown key"),
    ({"prompt": "Add.", "zzz": 1}, 400, "request_error", "context, mode, seed, deadline_s, stream"),
    ({"task": TASK, "prompt": "Add."}, 400, "request_error", "unknown key 'prompt'"),
    ({"task": 3}, 400, "task_error", "not a task"),
    ({"task": None}, 400, "task_error", "not a task"),
    ({"task": "/etc/passwd\0"}, 400, "task_error", "NUL"),
    ({"task": {"prompt": "Add.", "mode": "magic"}}, 400, "task_error", "magic"),
    ({**TASK, "mode": "magic"}, 400, "request_error", "adaptive"),
    ({**TASK, "mode": ["neural"]}, 400, "request_error", "mode"),
    ({**TASK, "mode": "hybird"}, 400, "request_error", "adaptive"),
    ({**TASK, "seed": -1}, 400, "request_error", "seed is -1"),
    ({**TASK, "seed": 2**31}, 400, "request_error", "seed"),
    ({**TASK, "seed": 1.0}, 400, "request_error", "whole number"),
    ({**TASK, "seed": True}, 400, "request_error", "seed is True"),
    ({**TASK, "seed": "1"}, 400, "request_error", "seed"),
    ({**TASK, "deadline_s": 0}, 400, "request_error", "above 0"),
    ({**TASK, "deadline_s": -1}, 400, "request_error", "above 0"),
    ({**TASK, "deadline_s": "10"}, 400, "request_error", "deadline_s"),
    ({**TASK, "stream": "yes"}, 400, "request_error", "true or false"),
    ({**TASK, "stream": 1}, 400, "request_error", "true or false"),
    ({**TASK, "language": "cobol"}, 400, "task_error", "cobol"),
    ({**TASK, "examples": {}}, 400, "task_error", "examples"),
    ({**TASK, "examples": [{"args": 3, "returns": 1}]}, 400, "task_error", "args is 3"),
    ({**TASK, "examples": [{"args": [1, 2, 3], "returns": 1}]}, 400, "task_error", "does not fit"),
    ({**TASK, "examples": [{"args": [{"$evil": 1}], "returns": 1}]}, 400, "task_error", "unknown tag"),
    ({**TASK, "signature": "def (x)"}, 400, "task_error", "signature"),
    ({**TASK, "signature": "def f(x): import os"}, 400, "task_error", "signature"),
    ({**TASK, "tests": "assert f(1) =="}, 400, "task_error", "tests do not parse"),
    ({**TASK, "context": "import ("}, 400, "task_error", "context"),
    ({**TASK, "ensures": ["result >"]}, 400, "task_error", "result >"),
    ({**TASK, "ensures": 3}, 400, "task_error", "ensures is 3"),
    ({**TASK, "context": "(" * 50_000}, 400, "task_error", "context"),
    ({"prompt": "def f(x):\n    return " + "(" * 50_000, "entry_point": "1"}, 400, "task_error", "entry_point"),
]


@pytest.mark.parametrize("body,status,kind,said", BAD_BODIES,
                         ids=[f"{i}-{row[3][:20]}" for i, row in enumerate(BAD_BODIES)])
async def test_a_bad_body_is_refused_and_the_app_lives_on(tmp_path, body, status, kind, said):
    async with served(tmp_path) as (http, service):
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        answer = await http.post("/v1/generate", content=content, headers=JSON)
        error = answer.json()["error"]
        assert (answer.status_code, error["type"]) == (status, kind), answer.text[:500]
        assert said in error["message"] and len(answer.text) < 1000 and "Traceback" not in answer.text
        assert service.metrics.verdicts == []
        assert (await http.post("/v1/generate", json=TASK)).status_code == 200


class TestSizeAndForm:
    @pytest.mark.parametrize("path", ["/v1/generate", "/v1/chat/completions"])
    async def test_a_10_mb_body_is_a_413(self, tmp_path, path):
        async with served(tmp_path) as (http, _):
            answer = await http.post(path, content=b" " * (10 << 20), headers=JSON)
            assert answer.status_code == 413 and "1024 KiB" in answer.json()["error"]["message"]

    async def test_a_body_without_a_length_is_read_only_as_far_as_the_limit(self, tmp_path):
        num_sent = 0

        async def endless():
            nonlocal num_sent
            while True:
                num_sent += 1
                yield b" " * 65_536

        async with served(tmp_path, "serve.max_body_kb=128") as (http, _):
            answer = await http.post("/v1/generate", content=endless(), headers=JSON)
            assert answer.status_code == 413 and num_sent <= 4
            assert (await http.post("/v1/generate", json=TASK)).status_code == 200

    async def test_a_lie_about_the_length_is_a_413_too(self, tmp_path):
        async with served(tmp_path) as (http, _):
            answer = await http.post("/v1/generate", content=b"{}", headers={**JSON, "content-length": "9" * 30})
            assert answer.status_code == 413

    async def test_a_body_that_does_not_arrive_is_a_408(self, tmp_path, monkeypatch):
        monkeypatch.setattr("ncg_ray.serving.routes.BODY_TIMEOUT_S", 0.05)

        async def stuck():
            yield b"{"
            await asyncio.sleep(5)

        async with served(tmp_path) as (http, _):
            assert (await http.post("/v1/generate", content=stuck(), headers=JSON)).status_code == 408

    @pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
    async def test_only_json_is_taken(self, tmp_path, kind):
        async with served(tmp_path) as (http, _):
            answer = await http.post("/v1/generate", content=json.dumps(TASK), headers={"content-type": kind})
            assert answer.status_code == 415 and "application/json" in answer.json()["error"]["message"]

    @pytest.mark.parametrize("method,path,status", [
        ("GET", "/v1/generate", 405), ("PUT", "/v1/generate", 405), ("DELETE", "/v1/traces/" + "0" * 32, 405),
        ("POST", "/healthz", 405), ("GET", "/", 404), ("GET", "/docs", 404), ("GET", "/openapi.json", 404),
        ("POST", "/v1/generate/", 404), ("GET", "/v1/models/gpt-4", 404), ("GET", "/v1/models/ncg-magic", 404),
        ("GET", "/" + "a" * 5000, 404), ("POST", "/v1/completions", 404), ("PATCH", "/v1/models", 405)])
    async def test_the_wrong_way_in_is_json_too(self, tmp_path, method, path, status):
        async with served(tmp_path) as (http, _):
            answer = await http.request(method, path)
            assert answer.status_code == status, answer.text
            assert answer.json()["error"]["message"] and len(answer.text) < 600
            assert ("allow" in answer.headers) == (status == 405)


BAD_CHATS = [
    ({"n": 2}, "n"), ({"tools": [{"type": "function"}]}, "tools"), ({"stop": ["\n"]}, "stop"), ({"stop": "a"}, "stop"),
    ({"response_format": {"type": "json_object"}}, "response_format"), ({"logprobs": True}, "logprobs"),
    ({"top_logprobs": 3}, "top_logprobs"),
    ({"logit_bias": {"1": 5}}, "logit_bias"), ({"modalities": ["audio"]}, "modalities"), ({"audio": {}}, "audio"),
    ({"functions": [{}]}, "functions"), ({"tool_choice": "required"}, "tool_choice"), ({"nonsense": 1}, "nonsense"),
    ({"messages": []}, "messages"), ({"messages": None}, "messages"), ({"messages": "hi"}, "messages"),
    ({"messages": ["hi"]}, "messages"), ({"messages": [{"role": "user"}]}, "messages"),
    ({"messages": [{"role": "robot", "content": "hi"}]}, "messages"),
    ({"messages": [{"role": "assistant", "content": "hi"}]}, "messages"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, "messages"),
    ({"messages": [{"role": "user", "content": 3}]}, "messages"), ({"model": None}, "model"), ({"model": 3}, "model"),
    ({"seed": -1}, "seed"), ({"stream": "yes"}, "stream"), ({"stream_options": 3}, "stream_options"), ({"n": True}, "n")]


@pytest.mark.parametrize("change,param", BAD_CHATS)
async def test_a_bad_chat_is_a_400_in_openai_s_shape_that_names_the_parameter(tmp_path, change, param):
    async with served(tmp_path) as (http, service):
        answer = await http.post("/v1/chat/completions", json={**CHAT, **change})
        error = answer.json()["error"]
        assert (answer.status_code, error["type"], error["param"]) == (400, "invalid_request_error", param), answer.text
        assert error["message"] and error["code"] and service.metrics.verdicts == []
        assert (await http.post("/v1/chat/completions", json=CHAT)).status_code == 200
