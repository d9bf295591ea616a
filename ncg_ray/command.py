"""What every command has in common, `ncg` and the jobs alike: its options, one-line errors, exit codes, progress.

Standard output belongs to the answer; progress, logs and errors go to standard error. Exit: 0 solved or done, 1 not
solved, 2 bad input, 3 infrastructure failure, 130 interrupted, 141 broken pipe, 143 terminated.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from ncg_ray.errors import InputError, NCGError

if TYPE_CHECKING:
    from ncg_ray.config import Config
    from ncg_ray.telemetry import Listener

DONE, NOT_SOLVED, UNFORESEEN, INTERRUPTED, BROKEN_PIPE = 0, 1, 3, 130, 141


class Parser(argparse.ArgumentParser):
    """argparse, with errors on one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog.split()[0]}: error: {' '.join(message.split())}; see {self.prog} --help\n")


def options() -> argparse.ArgumentParser:
    """The options that every command takes; a parent for its parser."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--config", metavar="FILE", help="TOML file with knobs (`ncg config` lists them)")
    common.add_argument("--set", metavar="A.B=C", action="append", default=[], help="change one knob; may be repeated")
    common.add_argument("--json", action="store_true", help="one JSON document on standard output")
    common.add_argument("--events", metavar="FILE", help="write progress as JSON lines")
    common.add_argument("--debug", action="store_true", help="more logs, and the traceback of an error")
    return common


def guarded(prog: str, debug: bool, body: Callable[[TextIO], int]) -> int:
    """Call `body` with the stream for answers and return its exit code; an error becomes one line and a code."""
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no answer
    try:
        for stream in (answers, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        code = body(answers)
        answers.flush()
        return code
    except NCGError as error:
        return _fail(prog, error.message, error.exit_code, debug)
    except KeyboardInterrupt:
        print(f"{prog}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _forget(answers)
        return BROKEN_PIPE
    except Exception as error:
        hint = "" if debug else f"; this is a defect of {prog}, --debug shows where"
        return _fail(prog, f"{type(error).__name__}: {error}{hint}", UNFORESEEN, debug)
    finally:
        sys.stdout = answers


def config_of(args: argparse.Namespace, *sets: str) -> Config:
    """Defaults, then --config, then --set, then `sets`: what options with a flag of their own say."""
    from ncg_ray import config, telemetry

    telemetry.configure("info" if args.debug else "warning")
    return config.load(args.config, [*args.set, *sets])


@contextlib.contextmanager
def listening(events: str | None, brief: bool = False, on_result: Callable[[dict[str, Any]], None] | None = None,
              quiet: bool = False) -> Iterator[Listener]:
    """A listener that shows progress, live on a terminal and as plain lines elsewhere, and logs to the file `events`.

    `quiet` shows none.
    """
    from ncg_ray import display

    kind = display.LiveProgress if sys.stderr.isatty() and not quiet else display.Progress
    progress = kind(sys.stderr, on_result, brief)
    with contextlib.ExitStack() as stack:
        listeners: list[Listener] = [] if quiet else [progress]
        if events:
            try:
                listeners.append(display.EventLog(stack.enter_context(open(events, "wb", buffering=0))))
            except OSError as error:
                raise InputError(f"--events {events!r}: {error.strerror}; name a writable file") from None
        stack.callback(progress.close)
        yield display.Listeners(listeners)


def document(answers: TextIO, value: Any) -> None:
    """One JSON document. What JSON cannot say (NaN, infinity) becomes null."""
    try:
        text = json.dumps(value, indent=2, allow_nan=False)
    except ValueError:
        text = json.dumps(json.loads(json.dumps(value), parse_constant=lambda _: None), indent=2)
    print(text, file=answers)


def _fail(prog: str, message: str, code: int, debug: bool) -> int:
    if debug:
        import traceback

        traceback.print_exc(file=sys.stderr)
    with contextlib.suppress(OSError):
        print(f"{prog}: error: {' '.join(message.split())}", file=sys.stderr)
    return code


def _forget(stream: TextIO) -> None:
    """Let the interpreter's last flush of a broken pipe go nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
