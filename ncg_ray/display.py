"""What people see: progress while the loop runs, and the report after it. Nothing here decides anything.

Progress goes to standard error: live on a terminal, one plain line for each step elsewhere. A display that cannot
write goes quiet; it never stops the work.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, TextIO

from ncg_ray.errors import InputError
from ncg_ray.telemetry import Event
from ncg_ray.types import Attempt, Level, Trace, Usage, shown

MEANINGS = {
    Level.PROVED: "every clause holds for all inputs, under the assumptions that are listed",
    Level.BOUNDED: "every input within the stated bound was covered; nothing is known beyond it",
    Level.TESTED: "it passed every example, test and sampled input that there was; other inputs were not tried",
    Level.UNKNOWN: "no evidence counts for it or against it: read the code before you use it",
    Level.REFUTED: "a check fails: this is the best attempt, not a solution",
}
_ASSUMED = "it passed the examples that the model itself assumed; see whether you agree with them"
_NOT_AS_ASSUMED = "it fails an example that the model itself assumed, which refutes nothing: see which of the two is wrong"

_STAGES = {"load": "starting Ray and loading the model", "retrieve": "retrieving", "specify": "reading the task",
           "ray": "starting Ray", "generate": "sampling", "synthesise": "searching", "repair": "repairing",
           "check": "checking", "read": "reading the data",
           "pack": "tokenising and packing", "start": "starting the workers", "merge": "merging the adapter into the model",
           "register": "registering the model"}


def clean(text: str) -> str:
    """One line without control characters: what a model wrote must not steer a terminal."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)


def line_for(event: Event) -> str | None:
    """An event as one line, or None for one that people need not see."""
    match event:
        case {"event": "stage", "stage": "gate", "detail": detail}:
            return clean(f"checking the suite's tests on its canonical solutions {detail}")
        case {"event": "stage", "stage": "check", "num_candidates": 0}:
            return None  # all were seen before
        case {"event": "stage", "stage": "verify", "function": name}:
            return clean(f"verifying {name}")
        case {"event": "stage", "stage": stage, **facts}:
            what = _STAGES.get(stage, stage)
            if (count := facts.get("num_candidates")) is not None:
                distinct = "distinct " if stage == "check" else ""  # what was seen before is not checked again
                what += f" {count} {distinct}candidate{'' if count == 1 else 's'}"
            return clean(what)
        case {"event": "attempt", "index": index, "origin": origin, "level": level, "detail": detail}:
            return clean(f"  #{index:<2} {origin:<8} {level:<8} {detail}")
        case {"event": "assumption", "call": call, "returns": returns}:
            return clean(f"  assuming {call} == {returns}")
        case {"event": "task", "task": task, "done": done, "total": total}:
            return clean(f"[{done + 1} of {total}] {task}")
        case {"event": "progress", "done": done, "total": total, "mode": mode, "task_id": task, "solved": solved}:
            return clean(f"[{done} of {total}] {mode} {task} {'solved' if solved else 'not solved'}")
        case {"event": "progress", "done": done, "total": total, "text": text}:
            return clean(f"[{done} of {total}] {text}")
        case {"event": "step", "step": step, "total": total, **numbers}:
            return clean(f"step {step} of {total}: loss {numbers['loss']:.4f}  perplexity {numbers['perplexity']:.2f}  "
                         f"gradient {numbers['grad_norm']:.3g}  {numbers['tokens_per_s']:.0f} tokens/s  "
                         f"{numbers['memory_mb']:.0f} MB")
        case {"event": "checkpoint", "step": step, "validation_loss": loss, "validation_perplexity": perplexity}:
            held_out = "" if loss is None else f": validation loss {loss:.4f}, perplexity {perplexity:.2f}"
            return clean(f"checkpoint of step {step}{held_out}")
        case {"event": "note", "text": text}:
            return clean(text)
    return None


def _within_a_task(event: Event) -> bool:
    return event["event"] in ("attempt", "assumption") or event.get("stage") in (
        "retrieve", "specify", "generate", "synthesise", "repair", "check")


class Progress:
    """Plain lines. `on_result` is given the demo's results, which are answers rather than progress.

    `brief` leaves out the steps within a task: of a suite, each task is step enough.
    """

    def __init__(self, stream: TextIO, on_result: Callable[[Event], None] | None = None, brief: bool = False) -> None:
        self.stream, self.on_result, self.brief = stream, on_result, brief

    def __call__(self, event: Event) -> None:
        if event["event"] == "result" and self.on_result is not None:
            self.pause()
            self.on_result(event)
        else:
            self.show(event)

    def show(self, event: Event) -> None:
        line = line_for(event)
        if line is not None and not (self.brief and _within_a_task(event)):
            print(line, file=self.stream, flush=True)

    def pause(self) -> None:
        """Leave the terminal to somebody else until the next event."""

    def close(self) -> None:
        self.pause()


class LiveProgress(Progress):
    """The stage, the time it took so far, and the latest attempts, redrawn in place."""

    def __init__(self, stream: TextIO, on_result: Callable[[Event], None] | None = None, brief: bool = False) -> None:
        super().__init__(stream, on_result, brief)
        from rich.console import Console
        from rich.live import Live
        from rich.progress_bar import ProgressBar
        from rich.spinner import Spinner

        self.spinner, self.bar = Spinner("dots"), ProgressBar(total=0, width=50)
        self.began = self.stage_began = time.monotonic()
        self.task, self.stage = "", "starting"
        self.attempts: deque[str] = deque(maxlen=8)
        self.num_attempts = 0
        self.live = Live(console=Console(file=stream), get_renderable=self.render, transient=True, refresh_per_second=8,
                         redirect_stdout=False, redirect_stderr=False)

    def show(self, event: Event) -> None:
        line = line_for(event)
        if event["event"] == "note" and line:
            self.live.console.print(line, markup=False, highlight=False)
        elif event["event"] in ("task", "progress") and line:
            self.task, self.stage = line, "working" if "text" in event else "starting"
            self.bar.update(event["done"], event["total"])
            self.began = self.stage_began = time.monotonic()
            self.attempts.clear()
            self.num_attempts = 0
        elif event["event"] == "step":
            done = 24 * event["step"] // event["total"]
            self.task, self.stage, self.stage_began = f"{'━' * done}{'┄' * (24 - done)}", str(line), time.monotonic()
        elif event["event"] == "stage" and line:
            self.stage, self.stage_began = line, time.monotonic()
        elif line:
            self.attempts.append(line)
            self.num_attempts += event["event"] == "attempt"
        if not self.live.is_started:
            self.live.start()

    def render(self) -> Any:
        from rich.console import Group
        from rich.padding import Padding
        from rich.text import Text

        now = time.monotonic()
        head = f"{self.stage}  {now - self.stage_began:.0f} s"
        if self.num_attempts:
            head += f"  ({self.num_attempts} attempt{'' if self.num_attempts == 1 else 's'}, {now - self.began:.0f} s)"
        self.spinner.update(text=Text(f"{self.task}  {head}" if self.task else head))
        bar = [Padding(self.bar, 0)] if self.bar.total else []  # padded, since by itself it does not end its line
        return Group(self.spinner, *bar, *(Text(line, no_wrap=True, overflow="ellipsis") for line in self.attempts))

    def pause(self) -> None:
        if self.live.is_started:
            self.live.stop()


class Listeners:
    """Tells several listeners; one whose stream broke is told nothing more."""

    def __init__(self, listeners: Sequence[Callable[[Event], None]]) -> None:
        self.listeners = list(listeners)

    def __call__(self, event: Event) -> None:
        for listener in list(self.listeners):
            try:
                listener(event)
            except (OSError, ValueError):  # a closed file is a ValueError
                self.listeners.remove(listener)


class EventLog:
    """Events as JSON lines, each with `elapsed_s` since the log began."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.began = stream, time.monotonic()  # unbuffered: each line is there at once, or refused at once

    def __call__(self, event: Event) -> None:
        line = json.dumps({**event, "elapsed_s": round(time.monotonic() - self.began, 3)}, default=str)
        try:
            self.stream.write(line.encode() + b"\n")
        except OSError as error:
            raise InputError(f"--events: {error.strerror}; give a file on a disk with room") from None


# --- reports ------------------------------------------------------------------------------------------------


def meaning(trace: Trace) -> str:
    """What the verdict of this Trace does and does not say, on one line."""
    level = Level[trace.verdict]
    evidence = trace.answer.evidence if trace.answer else ()
    checked = [v for v in evidence if v.num_checked]
    if level is Level.TESTED and all(v.origin == "generated" for v in checked):
        return _ASSUMED
    if level is Level.UNKNOWN and any(v.origin == "generated" and v.num_passed < v.num_checked for v in checked):
        return _NOT_AS_ASSUMED
    return MEANINGS[level]


def report(trace: Trace, weights: Sequence[float]) -> str:
    """The verdict, what it means, and everything that it rests on."""
    from ncg_ray.reward import explain

    answer = trace.answer
    if answer is None:
        return f"no answer: {clean(trace.note)}"
    lines = [f"{answer.verdict}  confidence {answer.confidence:.2f}  ({meaning(trace)})", ""]
    for verdict in answer.evidence:
        count = f"{verdict.num_passed} of {verdict.num_checked}" if verdict.num_checked else "-"
        lines.append(clean(f"  {verdict.level.name:<8} {count:>10}  {verdict.obligation}  "
                           f"[{verdict.engine}, from {_ORIGINS[verdict.origin]}]"))
        if verdict.detail and verdict.level is not Level.TESTED:
            lines.append(clean(f"           {verdict.detail}"))
        lines += [clean(f"           within {verdict.bound}")] if verdict.bound else []
        lines += [clean(f"           assuming {text}") for text in verdict.assumptions]
    if not answer.evidence:
        lines.append("  nothing to check by: no examples, tests or contracts")
    if trace.note:
        lines += ["", clean(trace.note)]
    if trace.assumptions:
        lines += ["", "assumptions (proposed by the model, not by you):"]
        lines += [f"  {line}" for line in assumptions(trace)]
    if answer.reward is not None:
        table = explain(answer.reward, weights, trace.attempts[answer.attempt].analysis)
        lines += ["", "reward", *("  " + line for line in table.split("\n"))]
    if answer.findings:
        lines += ["", "findings"]
        for finding in sorted(answer.findings, key=lambda f: f.kind == "quality"):
            names = ", ".join(filter(None, (finding.cwe, f"{finding.tool} {finding.rule}")))
            lines.append(clean(f"  {finding.severity:<8} line {finding.line}: {finding.message} [{names}]"))
            lines += [clean(f"           {finding.fix}")] if finding.fix and finding.kind != "quality" else []
    if answer.mode == "given":
        lines += ["", *_telemetry(trace.attempts[answer.attempt])]
    lines += ["", clean(_provenance(trace))]
    return "\n".join(lines)


def _telemetry(attempt: Attempt) -> list[str]:
    """What the runs used, and what of the code they reached: told by the code's own process, which could lie."""
    usage, seen = attempt.usage or Usage(), attempt.observation
    lines = [f"used     {usage.wall_s:.2f} s, {usage.cpu_s:.2f} CPU s, {usage.peak_bytes / 2**20:.0f} MiB"]
    if usage.denials:
        lines.append(clean("denied   " + ", ".join(f"{name} x{count}" for name, count in usage.denials.items())))
    if seen is not None and seen.lines:
        num, missing = len(seen.lines) + len(seen.missing_lines), ", ".join(map(str, seen.missing_lines)) or "none"
        lines.append(f"reached  {len(seen.lines)} of {num} lines; not reached: {missing}")
    return lines


_ORIGINS = {"user": "you", "docstring": "the docstring", "generated": "the model"}


def assumptions(trace: Trace) -> list[str]:
    """The examples that the model assumed, as source."""
    entry_point = trace.task.entry_point
    if trace.answer is not None:
        entry_point = trace.attempts[trace.answer.attempt].candidate.entry_point or entry_point
    return [clean(f"{e.call_text(entry_point or 'f')} == {shown(e.returns)}") for e in trace.assumptions]


def _provenance(trace: Trace) -> str:
    times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in trace.timings_s.items())
    candidate = f"attempt #{trace.answer.attempt} (of {len(trace.attempts)})" if trace.answer else "no attempt"
    parts = [f"mode {trace.mode}", candidate, times, f"model {trace.model_id}" if trace.model_id else "no model",
             f"isolation {trace.isolation}", f"seed {trace.seed}"]
    return " · ".join(part for part in parts if part)


def demo_line(result: Event) -> str:
    """One task of the demo on one line, and why it is not solved on a second."""
    line = (f"{'ok' if result['solved'] else 'FAILED':<6} {result['task']:<16} {result['mode']:<9} "
            f"{result['verdict']:<8} confidence {result['confidence']:.2f}  "
            f"checks {result['tests_passed']}/{result['tests']}  "
            f"held-out {result['held_out_passed']}/{result['held_out']}  {result['seconds']:.1f} s")
    return clean(line) + (f"\n       {clean(result['reason'])}" if result["reason"] else "")


def demo_summary(outcome: dict[str, Any]) -> str:
    """How many were solved, and what the verdicts mean."""
    seconds = sum(r["seconds"] for r in outcome["results"])
    verdicts = sorted({r["verdict"] for r in outcome["results"]}, key=lambda name: -Level[name])
    return "\n".join([
        "", f"solved {outcome['solved']} of {outcome['tasks']} with {clean(outcome['model']) or 'no model'} in "
        f"{seconds:.0f} s (solved: TESTED or better, and right on held-out examples that the loop never saw)",
        *(f"{name}: {MEANINGS[Level[name]]}" for name in verdicts)])
