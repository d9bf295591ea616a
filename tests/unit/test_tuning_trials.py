"""What surrounds the trials, without Ray: the record of scores, and which trials are stopped."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ncg_ray.errors import InfrastructureError
from ncg_ray.tuning.score import Score
from ncg_ray.tuning.trials import Recorder, _Halving

WEIGHTS = [(0.6, 0.15, 0.15, 0.1), (0.25, 0.25, 0.25, 0.25)]


def scored(num_tasks: int, num_passed: int) -> dict:
    return {"num_tasks": num_tasks, "num_passed": num_passed, "num_secure": 0, "quality": None, "num_changed": 0}


def trial(index: int) -> SimpleNamespace:
    return SimpleNamespace(config={"index": index}, trial_id=str(index), status="RUNNING")


def recorder(events: list, on_trial=lambda trial: None) -> Recorder:
    return Recorder(WEIGHTS, 2, 0.5, events.append, on_trial)


def finish(record: Recorder, index: int, num_parts: int = 2) -> None:
    for part in range(num_parts):
        record.on_trial_result(0, [], trial(index), {"part": part, "score": scored(2 * part + 2, part)})
    record.on_trial_complete(0, [], trial(index))


class TestRecorder:
    def test_trials_as_they_ended(self):
        events = []
        record = recorder(events)
        finish(record, 1, num_parts=1)
        finish(record, 0)
        first, second = record.trials()
        assert first.finished and first.weights == WEIGHTS[0] and first.score == Score(**scored(4, 1))
        assert not second.finished and second.scores == (Score(**scored(2, 0)),)
        assert [(e["done"], e["total"], e["trial"], e["finished"]) for e in events] == [(1, 2, 1, False), (2, 2, 0, True)]
        assert events[0]["text"].endswith("objective 0.000, stopped after 2 tasks")

    def test_its_state_goes_on_in_another_process(self):
        events, before = [], recorder([])
        finish(before, 1)
        after = recorder(events)
        after.set_state(before.get_state())
        finish(after, 0)
        assert after.trials()[1] == before.trial(1) and events[0]["text"] == "going on: 1 of 2 trials are done"

    def test_everybody_is_told_once_those_of_an_earlier_run_in_the_end(self):
        told, before = [], recorder([])
        finish(before, 1)
        after = recorder([], lambda trial: told.append(trial.index))
        after.set_state(before.get_state())
        finish(after, 0)
        assert told == [0]
        after.tell_rest()
        after.tell_rest()
        assert told == [0, 1]

    def test_a_registry_that_fails_is_no_failure_of_a_trial(self):
        told, broken = [], [True]

        def on_trial(trial):
            if broken[0]:
                raise InfrastructureError("MLflow is away")
            told.append(trial.index)

        record = recorder([], on_trial)
        finish(record, 0)
        finish(record, 1)
        with pytest.raises(InfrastructureError, match="away"):
            record.tell_rest()
        broken[0] = False
        record.tell_rest()
        assert told == [0, 1]

    def test_the_user_hears_why_nothing_happens(self):
        events = []
        record = recorder(events)
        waiting = SimpleNamespace(status="PENDING")
        record.on_step_end(0, [waiting])
        assert not events
        record.last_seen -= 31
        record.on_step_end(0, [waiting, trial(0)])  # one runs
        assert not events
        record.last_seen -= 31
        record.on_step_end(0, [waiting])
        record.on_step_end(0, [waiting])
        assert len(events) == 1 and "no CPU of the cluster is free" in events[0]["text"]


class TestHalving:
    def decide(self, halving: _Halving, index: int, part: int, objective: float) -> str:
        return halving.on_trial_result(None, trial(index), {"budget": 2**part, "objective": objective})

    def begin(self, num_trials: int, num_parts: int = 3) -> _Halving:
        halving = _Halving(num_parts)
        halving.set_search_properties("objective", "max")
        for index in range(num_trials):
            halving.on_trial_add(None, trial(index))
        return halving

    def test_losers_stop_after_any_part(self):
        halving = self.begin(4)
        assert [self.decide(halving, i, 0, value) for i, value in ((1, 0.9), (2, 0.8), (3, 0.95))] == [
            "CONTINUE", "STOP", "CONTINUE"]
        assert self.decide(halving, 3, 1, 0.9) == "CONTINUE" and self.decide(halving, 1, 1, 0.8) == "STOP"

    def test_equals_stay(self):
        halving = self.begin(6)
        assert {self.decide(halving, i, part, 0.5) for part in (0, 1) for i in range(6)} == {"CONTINUE"}

    def test_the_configured_weights_stay_whatever_happens(self):
        halving = self.begin(3)
        assert self.decide(halving, 1, 0, 0.9) == "CONTINUE" and self.decide(halving, 0, 0, 0.1) == "CONTINUE"
        assert self.decide(halving, 2, 0, 0.05) == "STOP"

    def test_one_part(self):
        assert self.decide(self.begin(1, num_parts=1), 0, 0, 0.5) == "CONTINUE"

    def test_as_many_parts_as_the_config_allows(self):
        assert self.decide(self.begin(1, num_parts=1000), 0, 999, 0.5) == "CONTINUE"
