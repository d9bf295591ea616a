"""`ncg serve | cluster | keys`: (args, answers, start) -> exit code."""

from __future__ import annotations

import argparse
import json
import shlex
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
    if args.json:
        command.document(answers, {"name": args.name, "revoked": True})
    else:
        print(f"revoked {args.name}; who comes with this key is turned away from now on", file=answers)
    return DONE


def cluster(args: argparse.Namespace, answers: TextIO, start: Any) -> int:
    """Exit code 1: `status` found none that answers."""
    from ncg_ray.actors import head

    config = command.config_of(args)
    if args.verb != "start" and (args.port or args.dashboard_port):
        raise InputError(f"`ncg cluster {args.verb}` takes no port; there is one local cluster a user")
    answering = False
    with command.listening(args.events) as on_event:
        if args.verb == "stop":
            found = head.stop()
        elif args.verb == "start":
            found = head.start(config.ray, port=args.port, dashboard_port=args.dashboard_port, on_event=on_event)
            answering = True
        else:
            found = head.status()
            answering = found is not None and found.answers()
    if args.json:
        where = {"address": found.address, "dashboard_url": found.dashboard_url,
                 "environment": found.environment()} if found else {}
        command.document(answers, {"running": answering, **where})
    elif found is None:
        print("no local cluster is running; `ncg cluster start` starts one", file=answers)
    elif args.verb == "stop":
        print(f"stopped {found.address}", file=answers)
    else:
        if not answering:
            print("it does not answer; `ncg cluster stop` clears it away", file=answers)
        exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in found.environment().items())
        print(f"ncg ... --address {found.address}\n"
              f"ray job submit --address {found.dashboard_url} --working-dir . -- python jobs/train.py --config FILE\n"
              f"for Ray's own commands first:\n{exports}", file=answers)
    return DONE if answering or args.verb == "stop" else NOT_SOLVED
