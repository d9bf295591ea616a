"""`ncg scan PATH...`: (args, answers, start) -> exit code."""

from __future__ import annotations

import argparse
import io
import itertools
import json
import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, TextIO

from ncg_ray import command
from ncg_ray.command import DONE, INTERRUPTED, NOT_SOLVED
from ncg_ray.errors import InputError

if TYPE_CHECKING:
    from ncg_ray.analyse.scan import Report

FORMATS = ("text", "json", "sarif", "spdx")
SEVERITIES = ("critical", "high", "medium", "low")  # as in ncg_ray.analyse.scan, which is too heavy for --help

_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `ncg scan` beside the common ones."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="Python file, or folder: what git lists in it, or else all "
                                                                 "but caches, virtual environments and build output")
    parser.add_argument("--format", choices=FORMATS, metavar="|".join(FORMATS), help="default: text; --json is json")
    parser.add_argument("--out", metavar="FILE", help="write the report here instead of to standard output")
    parser.add_argument("--fail-on", choices=SEVERITIES, metavar="|".join(SEVERITIES),
                        help="exit with 1 where a finding is of this severity or above")
    parser.add_argument("--baseline", metavar="FILE", help="leave out the findings that this file knows")
    parser.add_argument("--write-baseline", metavar="FILE", help="write all findings of this scan here, for --baseline")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes that analyse; default: 1")


def scan(args: argparse.Namespace, answers: TextIO, start: Any) -> int:
    """Exit code 1 only where `--fail-on` says so: for such a finding, and for code that could not be looked at."""
    from ncg_ray import api, storage

    kind = _format(args)
    config = command.config_of(args)
    for target in (args.out, args.write_baseline):
        if target:
            storage.check_writable(target)
    quiet = kind == "json" or not sys.stderr.isatty()
    analyse = kind != "spdx" or bool(args.fail_on or args.write_baseline)  # an inventory needs no findings
    try:
        with command.listening(args.events, quiet=quiet) as on_event:
            report = api.scan(*args.paths, baseline=args.baseline, write_baseline=args.write_baseline, jobs=args.jobs,
                              analyse=analyse, config=config, on_event=on_event)
    except KeyboardInterrupt:
        print("ncg: interrupted", file=sys.stderr, flush=True)
        os._exit(INTERRUPTED)  # threads that wait for a tool would hold the usual way out up for minutes
    if args.out:
        stream = io.StringIO()
        _write(report, kind, stream)
        storage.write_text(args.out, stream.getvalue())
        print(f"ncg: {_summary(report)}; the report is in {args.out}", file=sys.stderr)
    else:
        _write(report, kind, answers)
    if args.write_baseline:
        print(f"ncg: the findings are in {args.write_baseline}; --baseline {args.write_baseline} leaves them out",
              file=sys.stderr)
    if args.fail_on and "security" in report.missing:  # what was not looked at did not pass
        print(f"ncg: --fail-on {args.fail_on}: security was not measured everywhere: {report.missing['security']}",
              file=sys.stderr)
        return NOT_SOLVED
    return NOT_SOLVED if args.fail_on and report.at_least(args.fail_on) else DONE


def _format(args: argparse.Namespace) -> str:
    if args.json and args.format not in (None, "json"):
        raise InputError(f"--json and --format {args.format} ask for two documents; give one of them")
    return "json" if args.json else args.format or "text"


def _write(report: Report, kind: str, stream: TextIO) -> None:
    from ncg_ray.analyse import sarif, spdx

    if kind == "json":
        command.document(stream, report.document())
    elif kind == "sarif":
        print(json.dumps(sarif.document(report), indent=2), file=stream)
    elif kind == "spdx":
        stream.write(spdx.text(report))
    else:
        _print_text(report, stream)


def _print_text(report: Report, stream: TextIO) -> None:
    """Findings by file, then how many there are; in colours on a terminal."""
    from ncg_ray.display import clean

    say = _Printer(stream)
    for path, found in itertools.groupby(report.findings, key=lambda finding: finding.path):
        say((clean(path), "bold"))
        for f in found:
            cwe = f" ({f.cwe})" if f.cwe else ""
            say((f"  {f'{f.line}:{f.column}':<9}", ""), (f"{f.severity:<9}", _STYLES[f.severity]),
                (clean(f"{f.rule}{cwe} {f.message}"), ""))
            if f.fix:
                say((clean(f"{'':<20}instead: {f.fix}"), "dim"))
        say(("", ""))
    for skipped in report.skipped:
        say((clean(f"skipped {skipped.path}: {skipped.why}"), "dim"))
    for term, why in report.missing.items():
        say((clean(f"not measured: {term}: {why}"), "yellow"))
    if report.skipped or report.missing:
        say(("", ""))
    say((_summary(report), "bold"))


class _Printer:
    """Prints lines of (text, style), styled on a terminal only. Lines are never wrapped."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.console: Any = None
        if stream.isatty():
            from rich.console import Console

            self.console = Console(file=stream, highlight=False, soft_wrap=True)

    def __call__(self, *parts: tuple[str, str]) -> None:
        if self.console is None:
            print("".join(text for text, _ in parts).rstrip(), file=self.stream)
            return
        from rich.text import Text

        self.console.print(Text.assemble(*parts), soft_wrap=True)


def _summary(report: Report) -> str:
    """`3 findings in 12 files: 1 high, 2 low (1 security, 2 quality)`."""
    count, files = len(report.findings), len(report.scanned)
    text = f"{count or 'no'} finding{'' if count == 1 else 's'} in {files} file{'' if files == 1 else 's'}"
    if not count:
        return text
    severities = Counter[str](f.severity for f in report.findings)
    kinds = Counter(f.kind for f in report.findings)
    return (f"{text}: {', '.join(f'{severities[name]} {name}' for name in SEVERITIES if severities[name])} "
            f"({', '.join(f'{number} {name}' for name, number in kinds.most_common())})")
