"""Prompts, the second try of a model that says nothing, and examples out of words: on a scripted language model."""

import asyncio
import threading
import time

import pytest

from ncg_ray.config import SearchConfig
from ncg_ray.errors import InfrastructureError
from ncg_ray.generate import ModelSpecifier, NeuralGenerator
from ncg_ray.generate.lm import CancelledError, never
from ncg_ray.generate.prompts import write_function
from ncg_ray.protocols import Completion, CompletionRequest, GenerationRequest, ModelInfo
from ncg_ray.syntax import stub_of
from ncg_ray.types import Contract, Example, Snippet, Task

TASK = Task("Double x.", signature="def f(x: int) -> int", entry_point="f", examples=(Example((2,), returns=4),),
            contracts=(Contract("ensures", "result == x + x"),), docstring="Double x.")


class FakeModel:
    """Answers by a function of the request."""

    info = ModelInfo("fake", "0" * 16)

    def __init__(self, answer, is_chat=True):
        self.answer, self.is_chat, self.requests = answer, is_chat, []

    def complete(self, requests, cancelled=never):
        self.requests += requests
        return [[Completion(r.prefill + self.answer(r, i), -0.2, 3) for i in range(r.num_completions)] for r in requests]


def test_the_stub_shows_words_examples_and_contracts_but_a_given_stub_stays_as_it_is():
    assert stub_of(TASK) == ('def f(x: int) -> int:\n    """Double x.\n\n    >>> f(2)\n    4\n\n'
                             '    ensures: result == x + x\n    """\n')
    given = 'def f(x):\n    """Double `x`."""\n'
    assert stub_of(Task(given, signature="def f(x)", entry_point="f", docstring="Double `x`.")) == given


def test_snippets_stand_before_the_task_with_their_source():
    turn = write_function(TASK, (Snippet("def g(): ...", "pkg/a.py"),)).turn
    assert turn.index("pkg/a.py") < turn.index("def g()") < turn.index("def f(x")


async def test_the_model_writes_the_body_only():
    model = FakeModel(lambda request, i: "    return x + x\n")
    ((candidate,),) = await NeuralGenerator(model).generate([GenerationRequest(TASK)])
    assert candidate.code.endswith("    return x + x\n") and candidate.code.startswith("def f(x: int) -> int:")
    assert len(model.requests) == 1


async def test_a_model_that_says_nothing_after_the_stub_is_asked_for_the_whole_function():
    model = FakeModel(lambda request, i: "" if "def f" in request.prefill else "def f(x):\n    return 2 * x\n```")
    ((candidate,),) = await NeuralGenerator(model).generate([GenerationRequest(TASK)])
    assert candidate.code == "def f(x):\n    return 2 * x\n"
    assert [r.prefill.endswith("python\n") for r in model.requests] == [False, True]


async def test_a_call_that_is_cancelled_stops_the_model_before_the_next_caller_has_it():
    class SlowModel(FakeModel):
        num_tokens, at_work = 0, threading.Semaphore(1)

        def complete(self, requests, cancelled=never):
            assert self.at_work.acquire(blocking=False), "two calls at once"
            try:
                while requests[0].max_tokens > 1:  # the short one ends at once
                    self.num_tokens += 1
                    time.sleep(0.01)
                    if cancelled():
                        raise CancelledError
                return super().complete(requests)
            finally:
                self.at_work.release()

    model = SlowModel(lambda request, i: "done")
    generator = NeuralGenerator(model)
    endless = asyncio.ensure_future(generator.complete([CompletionRequest("go on for ever")]))
    await asyncio.sleep(0.1)
    next_one = asyncio.ensure_future(generator.complete([CompletionRequest("short", max_tokens=1)]))
    endless.cancel()
    assert (await asyncio.wait_for(next_one, 5))[0][0].text == "done"
    assert endless.cancelled() and model.num_tokens < 100


async def test_a_base_model_continues_the_stub():
    model = FakeModel(lambda request, i: "    return x + x\n", is_chat=False)
    ((candidate,),) = await NeuralGenerator(model).generate([GenerationRequest(TASK)])
    assert model.requests[0].prompt == "" and "return x + x" in candidate.code


async def test_a_model_that_breaks_is_infrastructure():
    def broken(request, i):
        raise RuntimeError("CUDA error")
    with pytest.raises(InfrastructureError, match="generate: RuntimeError: CUDA error"):
        await NeuralGenerator(FakeModel(broken)).generate([GenerationRequest(TASK)])


class TestSpecify:
    WORDS = Task("add one to n", docstring="add one to n")

    def model(self, values):
        def answer(request, i):
            if request.prefill.endswith("def"):
                return " add_one(n: int) -> int:"
            if request.prefill.endswith("("):
                return "1) == 2\nassert add_one(5) == 6\nassert other(1) == 1\nassert add_one(x) == 3\n"
            return f" {values[i % len(values)]}"
        return FakeModel(answer)

    async def specify(self, values, task=WORDS):
        (made,) = await ModelSpecifier(NeuralGenerator(self.model(values)), SearchConfig()).specify([task], 0)
        return made

    async def test_examples_that_agree_are_kept_as_assumptions(self):
        task = await self.specify(["2"])
        assert (task.signature, task.entry_point) == ("def add_one(n: int) -> int", "add_one")
        assert [(e.args, e.returns, e.origin) for e in task.examples] == [((1,), 2, "generated"), ((5,), 2, "generated")]

    async def test_examples_that_do_not_agree_are_dropped(self):
        assert (await self.specify(["1", "2", "3", "4", "5"])).examples == ()

    async def test_what_is_no_literal_is_dropped(self):
        assert (await self.specify(["n + 1", "", "print(3)"])).examples == ()

    async def test_a_task_with_a_check_of_its_own_is_left_alone(self):
        assert await self.specify(["2"], TASK) is TASK

    async def test_a_model_that_gives_no_signature_gives_no_examples(self):
        model = FakeModel(lambda request, i: " I cannot do that")
        (task,) = await ModelSpecifier(NeuralGenerator(model), SearchConfig()).specify([self.WORDS], 0)
        assert task == self.WORDS
