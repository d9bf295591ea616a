"""`ncg generate | evaluate | demo | config`: (args, answers, start) -> exit code."""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ncg_ray import command
from ncg_ray.command import DONE, NOT_SOLVED
from ncg_ray.errors import InputError

if TYPE_CHECKING:
    from ncg_ray.api import Session
    from ncg_ray.config import Config

Start = Callable[..., "contextlib.AbstractContextManager[Session]"]


def generate(args: argparse.Namespace, answers: TextIO, start: Start | None) -> int:
    from ncg_ray import api, display, storage
    from ncg_ray.records import to_json
    from ncg_ray.task.read import read_task
    from ncg_ray.types import Level

    config = _config(args)
    task = read_task(args.task)
    if args.out:
        storage.check_writable(args.out)
    with _session(args, start, config, [args.mode or task.mode or "adaptive"]):
        trace = api.generate(task, mode=args.mode)
    if args.out and trace.code:
        try:
            storage.write_text(args.out, trace.code)
        except InputError:
            print(trace.code.rstrip("\n"), file=answers, flush=True)  # a full disk must not cost the answer
            raise
    if args.json:
        command.document(answers, to_json(trace))
    else:
        if trace.code and not args.out:
            print(trace.code.rstrip("\n"), file=answers, flush=True)
        print(display.report(trace, config.reward.weights), file=sys.stderr)
    return DONE if trace.answer and Level[trace.verdict] >= Level.TESTED else NOT_SOLVED


def check(args: argparse.Namespace, answers: TextIO, start: Start | None) -> int:
    """Exit code 0 only if everything passed."""
    from ncg_ray import api, display
    from ncg_ray.records import to_json
    from ncg_ray.task.given import read_given
    from ncg_ray.types import Level

    config = _config(args)
    # Before anything starts.
    _, code = read_given(Path(args.file), Path(args.tests), Path(args.project) if args.project else None)
    with (command.listening(args.events) as on_event,
          (start or api.session)(config, model=False, ray=False, on_event=on_event)):
        trace = api.check(args.file, args.tests, project=args.project)
    if args.json:
        command.document(answers, to_json(trace))
    else:
        print(display.report(trace, config.reward.weights), file=answers)
    if problem := _syntax_problem(code):
        print(f"ncg: {args.file} does not parse: {problem}; no call was made", file=sys.stderr)
    verdicts = [v for v in trace.attempts[0].verdicts if v.num_checked or v.level < Level.UNKNOWN]
    passed = bool(verdicts) and all(v.num_checked and v.num_passed == v.num_checked for v in verdicts)
    proved = Level[trace.verdict] >= Level.TESTED
    if passed and not proved:
        print("ncg: all passed, which counts because of --trust" if args.trust else
              "ncg: all passed, but the code could have faked it; --trust lets it count where the code is yours",
              file=sys.stderr)
    return DONE if passed and (args.trust or proved) else NOT_SOLVED


def _syntax_problem(code: str) -> str:
    """Where a module stops being Python, in words; nothing for one that parses."""
    try:
        ast.parse(code)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return ""


def verify(args: argparse.Namespace, answers: TextIO, start: Start | None) -> int:
    """Exit code 0 only if nothing was refuted and everything is TESTED or better."""
    from ncg_ray import api, storage
    from ncg_ray.task.read import read_text
    from ncg_ray.types import Level
    from ncg_ray.verify.module import choose, document, report, split_target

    config = _config(args)
    file, function = split_target(args.target)
    source = read_text(Path(file))
    choose(source, function, file)  # before anything starts
    if args.dump_smt:
        storage.make_folder(args.dump_smt)
    with (command.listening(args.events) as on_event,
          (start or api.session)(config, model=False, ray=False, on_event=on_event)):
        results = api.verify(file, function, project=args.project, dump_smt=args.dump_smt, against=args.against)
    if args.json:
        command.document(answers, document(results))
    elif results:
        print(report(results, source, file), file=answers)
    else:
        print(f"ncg: {file} has no function to verify", file=sys.stderr)
    return DONE if all(r.verdict.level >= Level.TESTED for r in results) else NOT_SOLVED


def evaluate(args: argparse.Namespace, answers: TextIO, start: Start | None) -> int:
    from ncg_ray import api, storage
    from ncg_ray.evaluate import read_suite
    from ncg_ray.evaluate.report import to_json_text, to_markdown
    from ncg_ray.evaluate.store import Store

    config = _config(args)
    read_suite(args.suite)  # a broken suite is found before anything starts
    if args.out:
        storage.check_writable(args.out)
        Store(Path(args.out), {})  # says now, and not after the model has loaded, what is wrong with the name
    modes = args.modes or ["adaptive"]
    with _session(args, start, config, modes, brief=True):
        report = api.evaluate(args.suite, modes=modes, out=args.out)
    print(to_json_text(report) if args.json else to_markdown(report), end="", file=answers)
    return DONE


def demo(args: argparse.Namespace, answers: TextIO, start: Start | None) -> int:
    from ncg_ray import api, display

    def show(result: dict[str, Any]) -> None:
        print(display.demo_line(result), file=sys.stderr if args.json else answers, flush=True)

    config = _config(args)
    with _session(args, start, config, [args.mode or "adaptive"], on_result=show):
        outcome = api.demo(mode=args.mode)
    if args.json:
        command.document(answers, outcome)
    else:
        print(display.demo_summary(outcome), file=answers)
    return DONE if outcome["solved"] >= outcome["tasks"] - 1 else NOT_SOLVED


def show_config(args: argparse.Namespace, answers: TextIO, start: Start | None) -> int:
    """As TOML that `--config` reads again, or as JSON."""
    from ncg_ray import api, config

    values = dict(api.flatten(_config(args)))
    rows = [(key, values[key], default, doc) for key, default, doc in config.describe()]
    if args.json:
        command.document(answers, {key: {"value": value, "default": default, "meaning": doc}
                                   for key, value, default, doc in rows})
        return DONE
    section = ""
    for key, value, default, doc in sorted(rows, key=lambda row: "." in row[0]):  # TOML: sections come last
        here, _, name = key.rpartition(".")
        if here != section:
            section = here
            print(f"\n[{section}]", file=answers)
        changed = "" if value == default else f" (default {json.dumps(default)})"
        print(f"{f'{name} = {json.dumps(value)}':<34} # {doc}{changed}", file=answers)
    return DONE


def _config(args: argparse.Namespace) -> Config:
    flags = [("seed", "seed"), ("num_samples", "search.num_samples"), ("num_samples", "search.num_neural_samples"),
             ("temperature", "search.temperature"), ("address", "ray.address")]
    return command.config_of(args, *(f"{key}={json.dumps(getattr(args, flag))}" for flag, key in flags
                                     if getattr(args, flag, None) is not None))


@contextlib.contextmanager
def _session(args: argparse.Namespace, start: Start | None, config: Config, modes: Sequence[str], brief: bool = False,
             on_result: Callable[[dict[str, Any]], None] | None = None) -> Iterator[Session]:
    """A session that serves the modes, whose progress is shown, and logged where `--events` says."""
    from ncg_ray import api

    if start is None:
        api.check_modes(modes)  # before anything starts
    model = any(mode != "symbolic" for mode in modes)
    with (command.listening(args.events, brief, on_result) as on_event,
          (start or api.session)(config, model=model, on_event=on_event) as session):
        yield session
