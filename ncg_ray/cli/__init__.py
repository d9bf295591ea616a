"""`ncg`: the command line. It parses, calls the functions below it, and shows what they give back.

Heavy imports come after the command line has parsed. Exit codes: see `ncg_ray.command`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from ncg_ray import __version__
from ncg_ray.cli import repair, scan, services, solving
from ncg_ray.command import Parser, guarded, options

MODES = ("neural", "symbolic", "hybrid", "adaptive")  # as in ncg_ray.types, which is too heavy for --help
_MODE_HELP = ("adaptive: the whole loop (default); neural: the bare model; symbolic: search by examples and contracts, "
              "without a model; hybrid: model and search, even where the model's candidates pass what a constant would")


def main(argv: Sequence[str] | None = None, start: solving.Start | None = None) -> int:
    """Run one command and return its exit code; argparse's own errors, `--help` and `--version` raise SystemExit.

    `start` stands in for `api.session`, so that the commands run on other parts:
    `main(argv, start=functools.partial(api.session, parts=..., executor=...))`.
    """
    parser = _parser()
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        hint = "; a task in words is one argument: quote it" if args.command is solving.generate else ""
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
    return guarded("ncg", args.debug, lambda answers: args.command(args, answers, start))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="ncg", description="Code from a task, with a verdict that can be trusted and its evidence.",
                    epilog="Exit: 0 solved (TESTED or better; evaluate: measured; scan: done), 1 not solved, 2 bad input, "
                           "3 infrastructure failure.",
                    allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"ncg {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    common = options()
    given = argparse.ArgumentParser(add_help=False)
    given.add_argument("file", metavar="FILE", help="Python source")
    given.add_argument("--tests", metavar="T", required=True,
                       help="a .json list of examples, or a .py with asserts, check(candidate) or pytest functions")
    given.add_argument("--project", metavar="DIR", help="the project that the code belongs to: what it may import")
    given.add_argument("--address", metavar="HOST:PORT", help="a running Ray cluster; without it no Ray is used")
    ring = argparse.ArgumentParser(add_help=False)
    ring.add_argument("--seed", type=int, metavar="S", help="seed of every random choice; default: 0")
    ring.add_argument("--address", metavar="HOST:PORT", help="a running Ray cluster; without it a local one starts")

    def add(name: str, command: Callable[..., int], words: str, *parents: argparse.ArgumentParser) -> Parser:
        sub = commands.add_parser(name, parents=[common, *parents], help=words, allow_abbrev=False,
                                  description=words[0].upper() + words[1:])
        sub.set_defaults(command=command)
        return sub  # type: ignore[no-any-return]

    demo = add("demo", solving.demo, "solve six packaged tasks and judge the answers", ring)
    demo.add_argument("--mode", choices=MODES, metavar="MODE", help=_MODE_HELP)
    generate = add("generate", solving.generate, "write code for one task: code on stdout, report on stderr", ring)
    generate.add_argument("task", metavar="TASK", help="a .toml, .json or .py file, - (standard input), or plain words")
    generate.add_argument("--mode", choices=MODES, metavar="MODE", help=f"{_MODE_HELP}; a task may name its own")
    generate.add_argument("--out", metavar="FILE", help="write the code here instead of to standard output")
    check = add("check", solving.check, "judge code that exists: tests in the sandbox, analysis, reward; report on stdout",
                given)
    check.add_argument("--trust", action="store_true", help="the code is mine: tests that had to run in one process with "
                                                            "it, where it could fake them, count for the exit code")
    repair.arguments(add("repair", repair.repair, "search for a patch of code that fails its tests, and mend security "
                                                  "flaws, type errors and style: diff, reason and evidence on stdout"))
    history = add("history", repair.history, "carry what repairs learned elsewhere")
    history.add_argument("verb", choices=("export", "import"), metavar="export|import")
    history.add_argument("file", metavar="FILE", help="JSON lines: counts of edits, and the code that fixes changed")
    verify = add("verify", solving.verify, "prove or refute contracts (PEP 316, icontract, deal, asserts); report on stdout")
    verify.add_argument("target", metavar="FILE[:FUNC]", help="Python source; FUNC is a function or Class.method, default: "
                                                             "all with a contract, or all where there is none")
    verify.add_argument("--against", metavar="FILE", help="another file with the same functions: do they do the same?")
    verify.add_argument("--dump-smt", metavar="DIR", help="write the queries that each verdict rests on here, as SMT-LIB 2")
    verify.add_argument("--project", metavar="DIR", help="the project that the code belongs to: what it may import")
    verify.add_argument("--address", metavar="HOST:PORT", help="a running Ray cluster; without it no Ray is used")
    scan.arguments(add("scan", scan.scan, "security, dependency, licence and quality findings of files; report on stdout"))
    evaluate = add("evaluate", solving.evaluate, "measure modes on a suite of tasks with hidden tests", ring)
    evaluate.add_argument("suite", metavar="SUITE.jsonl", help="one JSON object a line; HumanEval and MBPP rows too")
    evaluate.add_argument("--mode", dest="modes", action="append", choices=MODES, metavar="MODE",
                          help=f"{_MODE_HELP}; may be repeated")
    evaluate.add_argument("--samples", dest="num_samples", type=_others, metavar="N",
                          help="candidates a task, the greedy one included; default: 11")
    evaluate.add_argument("--temperature", type=float, metavar="T",
                          help="sampling temperature of every candidate but the greedy one")
    evaluate.add_argument("--out", metavar="FILE", help="default: SUITE.report.json; a run that was cut short goes on")
    serve = add("serve", services.serve, "answer over HTTP until Ctrl-C: /v1/generate, /v1/chat/completions", ring)
    serve.add_argument("--host", metavar="HOST", help="address to bind; default 127.0.0.1, any other needs keys")
    serve.add_argument("--port", type=int, metavar="PORT", help="default: 8000")
    cluster = add("cluster", services.cluster, "a local Ray head with dashboard and job server, to submit jobs to")
    cluster.add_argument("verb", choices=("start", "status", "stop"), metavar="start|status|stop")
    cluster.add_argument("--port", type=int, metavar="PORT", help="of the cluster itself; default: 6379, or a free one")
    cluster.add_argument("--dashboard-port", type=int, metavar="PORT",
                         help="of dashboard and job server; default: 8265, or a free one")
    keys = add("keys", services.keys, "API keys of the HTTP server")
    keys.add_argument("verb", choices=("create", "list", "revoke"), metavar="create|list|revoke")
    keys.add_argument("name", nargs="?", metavar="NAME", help="whose key: needed by create and revoke")
    add("config", solving.show_config, "list every knob: key, value and meaning, as TOML that --config reads")
    return parser


def _others(text: str) -> int:
    """`--samples N` counts the greedy candidate, `search.num_samples` those beside it."""
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return number - 1
