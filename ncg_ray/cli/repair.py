"""`ncg repair FILE [--tests T]`: a patch as a unified diff, the reasons for it and the evidence; and `ncg history`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ncg_ray import command
from ncg_ray.cli.solving import Start
from ncg_ray.command import DONE, NOT_SOLVED
from ncg_ray.errors import InputError

if TYPE_CHECKING:
    from ncg_ray.mend import Mended


def repair(args: argparse.Namespace, answers: TextIO, start: Start | None) -> int:
    """Exit code 0: fixed, or nothing to do; 1: tests still fail, or a finding of medium severity or more stays."""
    from ncg_ray import api, mend, storage
    from ncg_ray.records import to_json

    sets = [f"ray.address={args.address}"] if args.address else []
    config = command.config_of(args, *sets)
    api.check_repair_mode(args.mode)
    if args.write and args.out:
        raise InputError("--write and --out FILE both say where the patched code goes; give one of them")
    # Before anything starts.
    kinds = mend.check_kinds([kind.strip() for kind in args.kinds.split(",")], bool(args.tests))
    project = Path(args.project) if args.project else None
    if args.tests:
        mend.read_problem(Path(args.file), Path(args.tests), project)
    else:
        mend.read_code(Path(args.file), project)
    target = args.file if args.write else args.out
    if target:
        storage.check_writable(target)
    with (command.listening(args.events) as on_event,
          (start or api.session)(config, model=args.mode == "hybrid", ray=False, on_event=on_event)):
        mended = api.repair(args.file, args.tests, kinds=kinds, project=args.project, mode=args.mode)
    if target and mended.status in ("fixed", "partly fixed"):
        storage.write_text(target, mended.code)
    if args.json:
        command.document(answers, to_json(mended.trace))
        print(f"ncg: {args.file}: {mended.status}", file=sys.stderr)
    else:
        print(report(mended, args.file), file=answers)
    return NOT_SOLVED if mended.status in ("not fixed", "partly fixed") else DONE


def history(args: argparse.Namespace, answers: TextIO, start: Start | None) -> int:
    """Carry what repairs learned to or from a file."""
    from ncg_ray import assemble, storage

    known = assemble.history(command.config_of(args))
    if known is None:
        raise InputError("repair.history is 'none': nothing is learned; set it to a file, or leave it out")
    if args.verb == "export":
        storage.check_writable(args.file)
        number = known.export(args.file)
    else:
        number = known.load(args.file)
    if args.json:
        command.document(answers, {"history": known.path, "file": args.file, "records": number})
    else:
        done = "written to" if args.verb == "export" else "added from"
        print(f"{number} records {done} {args.file} ({known.path})", file=answers)
    return DONE


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `ncg repair` takes beside the common options."""
    parser.add_argument("file", metavar="FILE", help="Python source")
    parser.add_argument(
        "--tests",
        metavar="T",
        help="a .json list of examples, or a .py with asserts, check(candidate) or pytest "
        "functions; without it only findings are mended",
    )
    parser.add_argument("--kinds", metavar="K,K", default="behaviour,security",
                        help="what to mend: behaviour (what fails the tests), security, type, style (what analysers find); "
                             "default: behaviour,security")
    parser.add_argument("--project", metavar="DIR", help="the project that the code belongs to: what it may import")
    parser.add_argument("--address", metavar="HOST:PORT", help="a running Ray cluster; without it no Ray is used")
    parser.add_argument("--mode", metavar="MODE", default="symbolic",
                        help="symbolic: without a model (default); hybrid: ask the model where the search finds nothing")
    parser.add_argument("--out", metavar="FILE", help="write the patched code here")
    parser.add_argument("--write", action="store_true",
                        help="write the patched code to FILE itself, which is left alone otherwise")


def report(mended: Mended, file: str) -> str:
    """The diff, then the reason and the evidence, a line each."""
    from ncg_ray.display import clean

    if mended.status == "passes":
        why = "the tests pass already" if mended.found is not None else "nothing was found"
        rows = [f"{clean(file)}: {why}; nothing was changed"]
        return "\n".join([*rows, *(f"{'':<10}{clean(line)}" for line in mended.evidence if line.startswith("left: "))])
    rows = [mended.diff, ""] if mended.diff else [f"{clean(file)}: not fixed", ""]
    for name, lines in (("reason", mended.reason), ("evidence", mended.evidence)):
        rows += [f"{name if n == 0 else '':<10}{clean(line)}" for n, line in enumerate(lines)]
    if mended.status in ("fixed", "partly fixed"):
        partly = f"{mended.status}, " if mended.status != "fixed" else ""
        rows.append(f"{'verdict':<10}{partly}{mended.trace.verdict}, {mended.trust}")
    return "\n".join(rows)
