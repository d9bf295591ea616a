"""`ncg serve | cluster | keys`: (args, answers, start) -> exit code."""

from __future__ import annotations

import argparse
import json
from typing import Any, TextIO

from ncg_ray import command
from ncg_ray.command import DONE, NOT_SOLVED
from ncg_ray.errors import InputError


def serve(args: argparse.Namespace, answers: TextIO, start: Any) -> int:
    from ncg_ray import serving

    flags = [("seed", "seed"), ("address", "ray.address"), ("host", "serve.host"), ("port", "serve.port")]
    config = command.config_of(args, *(f"{key}={json.dumps(getattr(args, flag))}" for flag, key in flags
                                       if getattr(args, flag) is not None))
    with command.listening(args.events) as on_event:
        serving.run(config, on_event)
    return DONE


def keys(args: argparse.Namespace, answers: TextIO, start: Any) -> int:
    """A new key is printed once and never stored; the file holds its hash."""
    from ncg_ray import config
    from ncg_ray.serving import keys as store

    path = config.keys_path(command.config_of(args))
    if args.verb == "list":
        if args.name:
            raise InputError(f"`ncg keys list` takes no name, and was given {args.name!r}")
        rows = store.listing(path)
        if args.json:
            command.document(answers, {"path": str(path), "keys": rows})
        else:
            print("\n".join(f"{row['name']:<24} {row['created']}" for row in rows) or f"no keys in {path}", file=answers)
        return DONE
    if not args.name:
        raise InputError(f"`ncg keys {args.verb}` needs a name: ncg keys {args.verb} NAME")
    if args.verb == "create":
        key = store.create(path, args.name)
        command.document(answers, {"name": args.name, "key": key}) if args.json else print(key, file=answers)
        return DONE
    store.revoke(path, args.name)
    return DONE


def cluster(args: argparse.Namespace, answers: TextIO, start: Any) -> int:
    """Exit code 1: `status` found none running."""
    from ncg_ray.actors import head

    config = command.config_of(args)
    if args.verb == "stop":
        found = head.stop()
    elif args.verb == "start":
        found = head.start(config.ray)
    else:
        found = head.status()
    state = {"running": found is not None and args.verb != "stop",
             **({"address": found.address, "dashboard_url": found.dashboard_url} if found else {})}
    if args.json:
        command.document(answers, state)
    elif found is None:
        print("no local cluster is running; `ncg cluster start` starts one", file=answers)
    elif args.verb == "stop":
        print(f"stopped {found.address}", file=answers)
    else:
        print(f"address    {found.address}   (--address, RAY_ADDRESS)\n"
              f"dashboard  {found.dashboard_url}   (ray job submit --address, serve deploy --address)", file=answers)
    return DONE if found or args.verb != "status" else NOT_SOLVED
