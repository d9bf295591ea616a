"""`/v1/generate` and its Traces: what comes in, what comes out, and when there is no answer."""

from __future__ import annotations

import asyncio
import json

import pytest
from serving_app import CODE, TASK, FakeExecutor, SlowGenerator, fake_parts, served, until

from ncg_ray.config import load
from ncg_ray.errors import ActorError, GenerationError, ModelError
from ncg_ray.serving.supply import Grant
from ncg_ray.testing import ScriptedGenerator, TableVerifier
from ncg_ray.types import Level, Verdict


def events(text: str) -> list[tuple[str, dict]]:
    """(name, data) of each server-sent event; comments are left out."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
        if fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


class TestAnswers:
    @pytest.mark.parametrize("body", [TASK, {"task": TASK}, {"task": "def f(x):\n    '''Add one. f(1) == 2'''\n"},
                                      {"prompt": "def f(x):\n    '''Add one. f(1) == 2'''\n", "mode": "adaptive"},
                                      {**TASK, "seed": 7, "deadline_s": 5}, {"task": TASK, "mode": "neural"}])
    async def test_a_task_in_the_trace_out(self, tmp_path, body):
        async with served(tmp_path) as (http, service):
            answer = await http.post("/v1/generate", json=body)
            trace = answer.json()
            assert answer.status_code == 200, answer.text
            assert trace["answer"]["code"] == CODE and trace["answer"]["verdict"] == "TESTED"
            assert trace["seed"] == body.get("seed", 0) and trace["mode"] == body.get("mode", "adaptive")
            assert (await http.get(f"/v1/traces/{trace['id']}")).json() == trace
            assert service.metrics.verdicts == ["TESTED"]
            assert service.metrics.requests[:2] == [("/v1/generate", 200), ("/v1/traces/{trace_id}", 200)]

    async def test_a_stream_tells_every_step_and_ends_with_the_trace(self, tmp_path):
        async with served(tmp_path) as (http, _):
            answer = await http.post("/v1/generate", json={**TASK, "stream": True})
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.text.startswith(": accepted\n\n")
            found = events(answer.text)
            assert [name for name, _ in found] == ["decision", "attempt", "decision", "answer"]
            trace = found[-1][1]["trace"]
            assert trace["answer"]["code"] == CODE
            assert (await http.get(f"/v1/traces/{trace['id']}")).json() == trace

    async def test_silence_is_filled_with_comments(self, tmp_path, monkeypatch):
        monkeypatch.setattr("ncg_ray.serving.sse.KEEP_ALIVE_S", 0.02)
        slow = SlowGenerator()
        async with served(tmp_path, generator=slow) as (http, _):
            asked = asyncio.ensure_future(http.post("/v1/generate", json={**TASK, "stream": True}))
            await asyncio.sleep(0.2)
            slow.go_on.set()
            text = (await asked).text
            assert text.count(": working\n\n") > 2 and events(text)[-1][0] == "answer"

    async def test_what_nothing_solves_is_an_answer_too(self, tmp_path):
        refuted = Verdict(Level.REFUTED, "examples", "examples", num_passed=0, num_checked=3)

        class Picky(TableVerifier):
            async def verify(self, task, candidates):
                self.default = () if task.id == "canary" else (refuted,)
                return await super().verify(task, candidates)

        picky = Picky({"def add(a: int, b: int) -> int:\n    return a + b\n": (
            Verdict(Level.TESTED, "examples", "examples", num_passed=1, num_checked=1),)})
        async with served(tmp_path, verifier=picky) as (http, _):
            answer = await http.post("/v1/generate", json=TASK)
            assert (answer.status_code, answer.json()["answer"]["verdict"]) == (200, "REFUTED")

    async def test_a_store_that_is_full_costs_the_copy_and_not_the_answer(self, tmp_path):
        async with served(tmp_path) as (http, _):
            (tmp_path / "store").mkdir()
            (tmp_path / "store" / "traces").write_text("in the way")
            answer = await http.post("/v1/generate", json=TASK)
            assert (answer.status_code, answer.json()["answer"]["verdict"]) == (200, "TESTED")

    @pytest.mark.parametrize("name", ["0" * 32, "nope", "..%2f..%2fetc%2fpasswd", "A" * 5000, "%00"])
    async def test_a_trace_that_is_not_there(self, tmp_path, name):
        async with served(tmp_path) as (http, _):
            answer = await http.get(f"/v1/traces/{name}")
            assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found")


class TestNoAnswer:
    async def test_the_deadline_ends_the_search_with_the_best_so_far(self, tmp_path):
        wrong = Verdict(Level.UNKNOWN, "examples", "examples", num_passed=1, num_checked=3)

        class SlowerGenerator(ScriptedGenerator):
            async def generate(self, requests):
                await asyncio.sleep(0.3)
                return await super().generate(requests)

        async with served(tmp_path, generator=SlowerGenerator([CODE], replies=["x"])) as (http, service):
            service.supply._grant.parts.verifier.default = (wrong,)
            trace = (await http.post("/v1/generate", json={**TASK, "deadline_s": 0.1})).json()
            assert len(trace["attempts"]) == 1 and "deadline of 0.0" in trace["decisions"][-1]["reason"], trace["decisions"]

    @pytest.mark.parametrize("stream", [False, True])
    async def test_a_step_that_does_not_end_is_cut_and_is_a_504(self, tmp_path, monkeypatch, stream):
        monkeypatch.setattr("ncg_ray.serving.service.GRACE_S", 0.05)
        slow = SlowGenerator()
        async with served(tmp_path, "serve.deadline_s=0.1", generator=slow) as (http, service):
            answer = await http.post("/v1/generate", json={**TASK, "stream": stream, "deadline_s": 100})
            if stream:
                assert [(name, data["error"]["type"]) for name, data in events(answer.text)[-1:]] == [
                    ("error", "deadline_error")]
            else:
                assert (answer.status_code, answer.json()["error"]["type"]) == (504, "deadline_error")
            assert slow.num_cancelled == 1 and service.admission.num_running == 0

    async def test_one_too_many_is_a_429_and_the_rest_take_their_turns(self, tmp_path):
        slow = SlowGenerator()
        async with served(tmp_path, "serve.max_running=2", "serve.max_waiting=1", generator=slow) as (http, service):
            asked = [asyncio.ensure_future(http.post("/v1/generate", json=TASK)) for _ in range(3)]
            await until(lambda: service.admission.num_running == 2 and service.admission.num_waiting == 1)
            for stream in (False, True):
                refused = await http.post("/v1/generate", json={**TASK, "stream": stream})
                assert (refused.status_code, refused.json()["error"]["type"]) == (429, "busy")
                assert int(refused.headers["retry-after"]) >= 1
            assert slow.num_started == 2 and (2, 1) in service.metrics.loads
            slow.go_on.set()
            assert [answer.status_code for answer in await asyncio.gather(*asked)] == [200] * 3
            assert (service.admission.num_running, service.admission.num_waiting) == (0, 0)
            assert (await http.post("/v1/generate", json=TASK)).status_code == 200

    @pytest.mark.parametrize("stream", [False, True])
    @pytest.mark.parametrize("how", ["disconnect", "cancel"])
    async def test_a_client_that_goes_away_stops_its_work(self, tmp_path, stream, how):
        slow = SlowGenerator()
        async with served(tmp_path, "serve.max_running=1", generator=slow) as (http, service):
            messages = asyncio.Queue()
            messages.put_nowait({"type": "http.request", "body": json.dumps({**TASK, "stream": stream}).encode()})
            scope = {"type": "http", "method": "POST", "path": "/v1/generate", "raw_path": b"/v1/generate",
                     "query_string": b"", "http_version": "1.1", "scheme": "http", "root_path": "",
                     "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "asgi": {"version": "3.0"},
                     "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")]}

            async def send(message):
                pass

            request = asyncio.ensure_future(http.app(scope, messages.get, send))
            await until(lambda: slow.num_started == 1)
            if how == "disconnect":
                messages.put_nowait({"type": "http.disconnect"})
            else:
                request.cancel()
            await asyncio.gather(request, return_exceptions=True)
            assert slow.num_cancelled == 1
            assert (service.admission.num_running, service.admission.num_waiting) == (0, 0)
            slow.go_on.set()
            assert (await http.post("/v1/generate", json=TASK)).status_code == 200

    @pytest.mark.parametrize("failure,status,kind", [
        (GenerationError("the model server is down"), 503, "generation_error"),
        (ModelError("model.name = 'x' is not there"), 400, "model_error"),
        (KeyError("secret detail"), 503, "infrastructure_error")])
    async def test_failures_are_one_line_and_the_replica_lives_on(self, tmp_path, failure, status, kind):
        generator = ScriptedGenerator([CODE], replies=["x"], failures=[failure])
        async with served(tmp_path, generator=generator) as (http, _):
            answer = await http.post("/v1/generate", json=TASK)
            assert (answer.status_code, answer.json()["error"]["type"]) == (status, kind)
            assert "Traceback" not in answer.text and "\n" not in answer.json()["error"]["message"]
            assert ("retry-after" in answer.headers) == (status == 503)
            generator.failures = [failure]
            streamed = events((await http.post("/v1/generate", json={**TASK, "stream": True})).text)
            assert streamed[-1][0] == "error" and streamed[-1][1]["error"]["type"] == kind
            assert (await http.post("/v1/generate", json=TASK)).status_code == 200

    async def test_a_defect_of_ours_is_a_500_without_details(self, tmp_path, monkeypatch):
        async with served(tmp_path) as (http, service):
            def broken():
                raise RuntimeError("secret detail")

            monkeypatch.setattr(service.supply, "current", broken)
            answer = await http.post("/v1/generate", json=TASK)
            assert answer.status_code == 500 and answer.json()["error"]["type"] == "internal_error"
            assert "secret" not in answer.text


class TestReadiness:
    async def test_not_ready_until_a_canary_ran_then_ready(self, tmp_path):
        gate = asyncio.Event()

        async def fetch(lost):
            await gate.wait()
            return Grant("ring-1", fake_parts(load()), FakeExecutor(), ("the small model",))

        async with served(tmp_path, fetch=fetch, wait=False) as (http, service):
            assert (await http.get("/healthz")).status_code == 200
            for path in ("/readyz", "/v1/generate", "/v1/models"):
                answer = await (http.post(path, json=TASK) if path.endswith("generate") else http.get(path))
                assert answer.status_code == 503 and "starting" in answer.text and "retry-after" in answer.headers
            gate.set()
            await until(lambda: service.supply._grant)
            answer = await http.get("/readyz")
            assert (answer.status_code, answer.json()) == (200, {"ready": True, "notes": ["the small model"]})

    async def test_a_verifier_that_calls_right_code_wrong_is_not_ready(self, tmp_path):
        async with served(tmp_path, verifier=TableVerifier({}), wait=False) as (http, _):
            await asyncio.sleep(0.05)
            answer = await http.get("/readyz")
            assert answer.status_code == 503 and "judged UNKNOWN" in answer.json()["reason"]

    async def test_a_model_that_cannot_be_had_is_the_reason(self, tmp_path):
        async def fetch(lost):
            raise ModelError("model.source = '/no': no such folder")

        async with served(tmp_path, fetch=fetch, wait=False) as (http, _):
            await asyncio.sleep(0.05)
            assert "no such folder" in (await http.get("/readyz")).json()["reason"]

    @pytest.mark.parametrize("noticed_by", ["request", "probe"])
    async def test_actors_that_are_gone_are_replaced(self, tmp_path, noticed_by):
        lost_rings, again = [], asyncio.Event()
        gone = ActorError("the generator actor is gone for good", actor="generator", final=True)

        class Gone(ScriptedGenerator):
            async def generate(self, requests):
                raise gone

            async def info(self):
                raise gone

        async def fetch(lost):
            lost_rings.append(lost)
            if lost:
                await again.wait()
            generator = ScriptedGenerator([CODE], replies=["x"]) if lost else Gone([CODE])
            return Grant(f"ring-{len(lost_rings)}", fake_parts(load(), generator), FakeExecutor())

        async with served(tmp_path, fetch=fetch) as (http, service):
            first = await (http.post("/v1/generate", json=TASK) if noticed_by == "request" else http.get("/readyz"))
            assert first.status_code == 503 and "retry-after" in first.headers
            meanwhile = await http.post("/v1/generate", json=TASK)
            assert meanwhile.status_code == 503 and "being replaced" in meanwhile.text
            again.set()
            await until(lambda: service.supply._grant)
            assert (await http.post("/v1/generate", json=TASK)).status_code == 200
            assert (await http.get("/readyz")).status_code == 200
            assert lost_rings == ["", "ring-1"]
