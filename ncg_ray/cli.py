"""`ncg`: the command line. It parses, calls the functions of `ncg_ray.api`, and shows what they give back.

Standard output belongs to the answer; progress, logs and errors go to standard error. Heavy imports come after the
command line has parsed. Exit: 0 solved (TESTED or better), 1 not solved, refuted or no evidence, 2 bad input,
3 infrastructure failure, 130 interrupted, 143 terminated.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from ncg_ray import __version__
from ncg_ray.errors import InputError, NCGError

if TYPE_CHECKING:
    from ncg_ray.api import Session
    from ncg_ray.config import Config
    from ncg_ray.telemetry import Listener

Start = Callable[..., "contextlib.AbstractContextManager[Session]"]

SOLVED, NOT_SOLVED, UNFORESEEN, INTERRUPTED, BROKEN_PIPE = 0, 1, 3, 130, 141
MODES = ("neural", "symbolic", "hybrid", "adaptive")  # as in ncg_ray.types, which is too heavy for --help


def main(argv: Sequence[str] | None = None, start: Start | None = None) -> int:
    """Run one command and return its exit code; argparse's own errors, `--help` and `--version` raise SystemExit.

    `start` stands in for `api.session`, so that the commands run on other parts:
    `main(argv, start=functools.partial(api.session, parts=..., executor=...))`.
    """
    parser = _parser()
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        hint = "; a task in words is one argument: quote it" if args.command is _generate else ""
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer
    try:
        for stream in (answers, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        code: int = args.command(args, answers, start)
        answers.flush()
        return code
    except NCGError as error:
        return _fail(error.message, error.exit_code, args.debug)
    except KeyboardInterrupt:
        print("ncg: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _forget(answers)
        return BROKEN_PIPE
    except Exception as error:
        hint = "" if args.debug else "; this is a defect of ncg, --debug shows where"
        return _fail(f"{type(error).__name__}: {error}{hint}", UNFORESEEN, args.debug)
    finally:
        sys.stdout = answers


def _fail(message: str, code: int, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exc(file=sys.stderr)
    with contextlib.suppress(OSError):
        print(f"ncg: error: {' '.join(message.split())}", file=sys.stderr)
    return code


def _forget(stream: TextIO) -> None:
    """Let the interpreter's last flush of a broken pipe go nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


# --- commands: (args, answers, start) -> exit code -----------------------------------------------------------


def _generate(args: argparse.Namespace, answers: TextIO, start: Start | None) -> int:
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
        _document(answers, to_json(trace))
    else:
        if trace.code and not args.out:
            print(trace.code.rstrip("\n"), file=answers, flush=True)
        print(display.report(trace, config.reward.weights), file=sys.stderr)
    return SOLVED if trace.answer and Level[trace.verdict] >= Level.TESTED else NOT_SOLVED


def _evaluate(args: argparse.Namespace, answers: TextIO, start: Start | None) -> int:
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
    return SOLVED


def _demo(args: argparse.Namespace, answers: TextIO, start: Start | None) -> int:
    from ncg_ray import api, display

    def show(result: dict[str, Any]) -> None:
        print(display.demo_line(result), file=sys.stderr if args.json else answers, flush=True)

    config = _config(args)
    with _session(args, start, config, [args.mode or "adaptive"], on_result=show):
        outcome = api.demo(mode=args.mode)
    if args.json:
        _document(answers, outcome)
    else:
        print(display.demo_summary(outcome), file=answers)
    return SOLVED if outcome["solved"] >= outcome["tasks"] - 1 else NOT_SOLVED


def _show_config(args: argparse.Namespace, answers: TextIO, start: Start | None) -> int:
    """As TOML that `--config` reads again, or as JSON."""
    from ncg_ray import api, config

    values = dict(api.flatten(_config(args)))
    rows = [(key, values[key], default, doc) for key, default, doc in config.describe()]
    if args.json:
        _document(answers, {key: {"value": value, "default": default, "meaning": doc}
                            for key, value, default, doc in rows})
        return SOLVED
    section = ""
    for key, value, default, doc in sorted(rows, key=lambda row: "." in row[0]):  # TOML: sections come last
        here, _, name = key.rpartition(".")
        if here != section:
            section = here
            print(f"\n[{section}]", file=answers)
        changed = "" if value == default else f" (default {json.dumps(default)})"
        print(f"{f'{name} = {json.dumps(value)}':<34} # {doc}{changed}", file=answers)
    return SOLVED


# --- what the commands share --------------------------------------------------------------------------------


def _config(args: argparse.Namespace) -> Config:
    """Defaults, then --config, then --set, then the options that have a flag of their own."""
    from ncg_ray import config, telemetry

    telemetry.configure("info" if args.debug else "warning")
    flags = [("seed", "seed"), ("num_samples", "search.num_samples"), ("num_samples", "search.num_neural_samples"),
             ("temperature", "search.temperature"), ("address", "ray.address")]
    sets = [f"{key}={json.dumps(getattr(args, flag))}" for flag, key in flags
            if getattr(args, flag, None) is not None]
    return config.load(args.config, [*args.set, *sets])


@contextlib.contextmanager
def _session(args: argparse.Namespace, start: Start | None, config: Config, modes: Sequence[str], brief: bool = False,
             on_result: Callable[[dict[str, Any]], None] | None = None) -> Iterator[Session]:
    """A session that serves the modes, whose progress is shown, and logged where `--events` says."""
    from ncg_ray import api, display

    if start is None:
        api.check_modes(modes)  # before anything starts
    model = any(mode != "symbolic" for mode in modes)
    kind = display.LiveProgress if sys.stderr.isatty() else display.Progress
    progress = kind(sys.stderr, on_result, brief)
    with contextlib.ExitStack() as stack:
        listeners: list[Listener] = [progress]
        if args.events:
            try:
                listeners.append(display.EventLog(stack.enter_context(open(args.events, "wb", buffering=0))))
            except OSError as error:
                raise InputError(f"--events {args.events!r}: {error.strerror}; name a writable file") from None
        on_event = display.Listeners(listeners)
        stack.callback(progress.close)
        yield stack.enter_context((start or api.session)(config, model=model, on_event=on_event))


def _document(answers: TextIO, value: Any) -> None:
    """One JSON document. What JSON cannot say (NaN, infinity) becomes null."""
    try:
        text = json.dumps(value, indent=2, allow_nan=False)
    except ValueError:
        text = json.dumps(json.loads(json.dumps(value), parse_constant=lambda _: None), indent=2)
    print(text, file=answers)


# --- the parser ---------------------------------------------------------------------------------------------


_MODE_HELP = "adaptive: the whole loop (default); neural: the bare model; symbolic and hybrid: not in this version"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"ncg: error: {' '.join(message.split())}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="ncg", description="Code from a task, with a verdict that can be trusted and its evidence.",
                     epilog="Exit: 0 solved (TESTED or better; evaluate: measured), 1 not solved, 2 bad input, "
                            "3 infrastructure failure.",
                     allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"ncg {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", metavar="FILE", help="TOML file with knobs (`ncg config` lists them)")
    common.add_argument("--set", metavar="A.B=C", action="append", default=[], help="change one knob; may be repeated")
    common.add_argument("--json", action="store_true", help="one JSON document on standard output")
    common.add_argument("--events", metavar="FILE", help="write progress as JSON lines")
    common.add_argument("--debug", action="store_true", help="more logs, and the traceback of an error")
    ring = argparse.ArgumentParser(add_help=False)
    ring.add_argument("--seed", type=int, metavar="S", help="seed of every random choice; default: 0")
    ring.add_argument("--address", metavar="HOST:PORT", help="a running Ray cluster; without it a local one starts")

    def add(name: str, command: Callable[..., int], words: str, *parents: argparse.ArgumentParser) -> _Parser:
        sub = commands.add_parser(name, parents=[common, *parents], help=words, allow_abbrev=False,
                                  description=words[0].upper() + words[1:])
        sub.set_defaults(command=command)
        return sub  # type: ignore[no-any-return]

    demo = add("demo", _demo, "solve six packaged tasks and judge the answers", ring)
    demo.add_argument("--mode", choices=MODES, metavar="MODE", help=_MODE_HELP)
    generate = add("generate", _generate, "write code for one task: code on stdout, report on stderr", ring)
    generate.add_argument("task", metavar="TASK", help="a .toml, .json or .py file, - (standard input), or plain words")
    generate.add_argument("--mode", choices=MODES, metavar="MODE", help=f"{_MODE_HELP}; a task may name its own")
    generate.add_argument("--out", metavar="FILE", help="write the code here instead of to standard output")
    evaluate = add("evaluate", _evaluate, "measure modes on a suite of tasks with hidden tests", ring)
    evaluate.add_argument("suite", metavar="SUITE.jsonl", help="one JSON object a line; HumanEval and MBPP rows too")
    evaluate.add_argument("--mode", dest="modes", action="append", choices=MODES, metavar="MODE",
                          help=f"{_MODE_HELP}; may be repeated")
    evaluate.add_argument("--samples", dest="num_samples", type=_others, metavar="N",
                          help="candidates a task, the greedy one included; default: 11")
    evaluate.add_argument("--temperature", type=float, metavar="T",
                          help="sampling temperature of every candidate but the greedy one")
    evaluate.add_argument("--out", metavar="FILE", help="default: SUITE.report.json; a run that was cut short goes on")
    add("config", _show_config, "list every knob: key, value and meaning, as TOML that --config reads")
    return parser


def _others(text: str) -> int:
    """`--samples N` counts the greedy candidate, `search.num_samples` those beside it."""
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return number - 1
