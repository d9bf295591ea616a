"""What all jobs in `jobs/` share: options, a place for results, one-line errors, exit codes.

A job is one file with one verb; it declares its own options and a body, and `run_job` does the rest. It runs the same
under `ray job submit`, which sets RAY_ADDRESS, and by hand, where a local Ray starts.

Example of a whole job:
    def body(job: Job) -> Result:
        plan = check(job.config)                  # everything that can be said before a worker starts
        if job.dry_run:
            return Result(plan, f"ok: {plan}")
        return Result(*work(job.config, job.on_event))

    def main(argv: Sequence[str] | None = None) -> int:
        return run_job("train", "fine-tune a model", body, argv=argv)

    if __name__ == "__main__":
        sys.exit(main())
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ncg_ray import command

if TYPE_CHECKING:
    from ncg_ray.config import Config
    from ncg_ray.telemetry import Listener


@dataclass(frozen=True, slots=True)
class Job:
    """What a job's body gets."""

    config: Config
    "With `storage.uri` filled in; its folders are there and can be written to."
    args: argparse.Namespace
    "The common options and the job's own."
    on_event: Listener
    "Progress: lines in a job's log, live in a terminal, and in the file of `--events`."

    @property
    def storage(self) -> str:
        """Where results rest: a folder or an fsspec URL."""
        return self.config.storage.uri

    @property
    def dry_run(self) -> bool:
        """Check everything, start nothing."""
        return bool(self.args.dry_run)

    def reach(self) -> None:
        """Raise ClusterError where no cluster answers at the address. Without an address a local Ray would start: nothing
        to reach then."""
        from ncg_ray.actors import cluster
        from ncg_ray.config import environment

        if self.config.ray.address or environment("RAY_ADDRESS"):
            with cluster.running(self.config.ray):
                pass


@dataclass(frozen=True, slots=True)
class Result:
    """What a job says in the end, on standard output."""

    document: dict[str, Any]
    "For `--json`."
    text: str
    "For people."
    exit_code: int = command.DONE


def run_job(name: str, words: str, body: Callable[[Job], Result], *,
            arguments: Callable[[argparse.ArgumentParser], object] = lambda parser: None,
            argv: Sequence[str] | None = None, brief: bool = True) -> int:
    """Parse the command line, run `body`, print its result, and return the exit code.

    Args:
        name: of the job; what its error line begins with.
        words: what it does, for `--help`.
        body: the work. An NCGError that it raises becomes one line on standard error and its exit code.
        arguments: adds the job's own options to the parser.
        brief: leave steps within a task out of the progress.

    Wrong options and `--help` raise SystemExit, as argparse does.
    """
    parser = command.Parser(prog=f"{name}.py", description=words[0].upper() + words[1:], parents=[command.options()],
                            epilog="Exit: 0 done, 1 not solved, 2 bad input, 3 infrastructure failure.", allow_abbrev=False)
    parser.add_argument("--dry-run", action="store_true", help="check config, data and model; start nothing")
    arguments(parser)
    args = parser.parse_args(argv)

    def run(answers: Any) -> int:
        from ncg_ray import storage
        from ncg_ray.config import storage_root

        config = command.config_of(args)
        config = dataclasses.replace(config, storage=dataclasses.replace(config.storage, uri=storage_root(config)))
        storage.open_store(config.storage.uri)
        _warn_of_a_passing_place(name, config.storage.uri)
        with command.listening(args.events, brief) as on_event:
            result = body(Job(config, args, on_event))
        if args.json:
            command.document(answers, result.document)
        else:
            print(result.text, file=answers)
        return result.exit_code

    return command.guarded(name, args.debug, run)


def _warn_of_a_passing_place(name: str, uri: str) -> None:
    """Ray's job server runs a job in a folder of its own, and clears it away."""
    from ncg_ray import storage
    from ncg_ray.config import environment

    submitted = environment("RAY_JOB_CONFIG_JSON_ENV_VAR")  # set by the job server alone
    if submitted and not storage.is_remote(uri) and not Path(uri).is_absolute():
        print(f"{name}: storage.uri = {uri!r} is relative, and a submitted job runs in a temporary folder that Ray clears "
              f"away: results go to {Path(uri).absolute()}; give a whole path to keep them", file=sys.stderr)
