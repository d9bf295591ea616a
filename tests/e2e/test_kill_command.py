"""kill -9 in the middle of `ncg generate`: the command ends with the right answer, once, with nothing lost.

The model is a slow OpenAI-compatible server in this process, so that the actors are real and loading takes no time.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from openai_server import Server

TASK = {"prompt": "Add seven to x.", "signature": "def f(x: int) -> int",
        "examples": [{"args": [x], "returns": x + 7} for x in range(4)]}


def reply(body):
    """Greedy is wrong; of the samples one is right. Each takes a while to run."""
    wrong = body["temperature"] == 0
    return f"```python\nimport time\ndef f(x):\n    time.sleep(0.8)\n    return x + {0 if wrong else 7}\n```"


def events_of(path):
    with contextlib.suppress(OSError):
        return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
    return []


def descendants(process, kind):
    """Actors of this kind that this very command started."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "".join(child.cmdline()[:1]).startswith(f"ray::{kind}"):
                found.append(child.pid)
    return found


@pytest.mark.parametrize("kind,stage,nth", [("GeneratorActor", "generate", 1), ("VerifierActor", "check", 1)])
def test_a_killed_actor_changes_nothing(tmp_path, kind, stage, nth):
    task, events = tmp_path / "task.json", tmp_path / "events.jsonl"
    task.write_text(json.dumps(TASK))
    with Server(delay_s=1.5, reply=reply) as server:
        command = [sys.executable, "-m", "ncg_ray", "generate", str(task), "--json", "--events", str(events), "--set",
                   f"model.source={server.url}", "--set", "search.num_samples=2", "--set", "ray.num_cpus=2"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        try:
            deadline = time.monotonic() + 90
            while sum(e["event"] == "stage" and e["stage"] == stage for e in events_of(events)) < nth:
                assert process.poll() is None and time.monotonic() < deadline, process.communicate()
                time.sleep(0.05)
            time.sleep(0.4)
            victims = descendants(process, kind)
            assert victims, f"no {kind} to kill"
            for victim in victims:  # all of a kind: nobody says which of them has the work
                os.kill(victim, signal.SIGKILL)
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 0, err
    trace = json.loads(out)
    assert trace["answer"]["verdict"] == "TESTED" and "x + 7" in trace["answer"]["code"]
    assert [d["action"] for d in trace["decisions"]] == ["generate", "generate", "stop"]
    assert [a["candidate"]["origin"] for a in trace["attempts"]] == ["greedy", "sample", "sample"]
    assert [e["event"] for e in events_of(events)].count("answer") == 1
    assert any("died" in e.get("text", "") for e in events_of(events)), "the user was not told"
