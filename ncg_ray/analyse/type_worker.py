"""The process that runs mypy: programs come in as JSON lines, type errors go out.

It holds what mypy knows of the standard library, and answers each batch in a fork of itself, as an update of mypy's
daemon (`dmypy`): so a check costs what the programs cost, leaves nothing behind for the next one, and harms nobody where
mypy breaks. It knows the standard library's types alone, for one version of Python and one platform, so that the same
program has the same errors on every machine; what it imports from elsewhere is of any type. Nothing is run or imported.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import re
import resource
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

PYTHON, PLATFORM = (3, 11), "linux"
LEFT_OUT = frozenset({"var-annotated", "import-untyped", "import-not-found", "import"})
"Codes that ask for annotations, or for stubs: no errors of the program."
LINE = re.compile(r"^c(?P<number>\d+)\.py:(?P<line>\d+):(?:(?P<column>\d+):)? error: (?P<message>.*?)"
                  r"(?:  \[(?P<code>[\w-]+)\])?$")
COMMON = ("import collections, copy, dataclasses, datetime, enum, functools, hashlib, heapq, io, itertools, json, math, "
          "operator, os, random, re, string, subprocess, sys, time, typing, urllib.parse\n")
"What is read before the first program comes."
MAX_CPU_S = 60


def main() -> None:
    """Serve until the standard input ends. The arguments: a folder for what mypy remembers, which goes in
    the end, and one that stays, for what it knows of the standard library.
    """
    folder, store = sys.argv[1:]
    gc.disable()
    try:
        _remember(folder, store)
        mypy = _load(folder)
        gc.collect()
        gc.freeze()  # what the forks share stays shared
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            print(json.dumps({"errors": check(json.loads(line)["codes"], mypy)}), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remember(folder: str, store: str) -> None:
    """Fill the folder with what mypy knows of the standard library: as the store has it, or by a first check."""
    from mypy import build
    from mypy.modulefinder import BuildSource

    kept = os.path.join(store, f"mypy-{version('mypy')}-{PYTHON[0]}.{PYTHON[1]}-dmypy")
    if os.path.isdir(kept):
        shutil.copytree(kept, folder, dirs_exist_ok=True)
    os.chdir(folder)
    _write("ncg_known.py", "".join(f"import {name}\n" for name in _library()))
    _write("ncg_common.py", COMMON)
    if not os.path.isdir(kept):
        build.build([BuildSource("ncg_known.py", "ncg_known")], _options(folder), None)
        with contextlib.suppress(OSError):  # a store that cannot be written, or that another has just filled
            os.makedirs(store, exist_ok=True)
            fresh = tempfile.mkdtemp(dir=store)
            try:
                shutil.copytree(folder, fresh, dirs_exist_ok=True)
                os.rename(fresh, kept)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)


def _library() -> list[str]:
    """All modules of the standard library that mypy has stubs of. (One that the daemon does not know from the start it
    does not find inside its package.)
    """
    import mypy

    root = Path(mypy.__file__).with_name("typeshed") / "stdlib"
    versions = {}
    for line in (root / "VERSIONS").read_text(encoding="utf-8").splitlines():
        name, _, span = line.partition("#")[0].partition(":")
        if span.strip():
            versions[name.strip()] = [tuple(map(int, v.split("."))) if v.strip() else None for v in span.split("-")]
    found = []
    for path in sorted(root.rglob("*.pyi")):
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        parts = name.split(".")
        spans = [versions[known] for n in range(len(parts)) if (known := ".".join(parts[:n + 1])) in versions]
        if all(PYTHON >= (first or PYTHON) and (not last or PYTHON <= (last[0] or PYTHON)) for first, *last in spans):
            found.append(name)
    return [name for name in found if name != "builtins"]


def _load(folder: str) -> Any:
    """mypy's daemon with the standard library in it."""
    from mypy import build
    from mypy.modulefinder import BuildSource
    from mypy.server.update import FineGrainedBuildManager

    options = _options(folder)
    options.fine_grained_incremental = options.use_fine_grained_cache = True
    mypy = FineGrainedBuildManager(build.build([BuildSource("ncg_known.py", "ncg_known")], options, None))
    gc.disable()  # which mypy enables
    mypy.update([("ncg_common", "ncg_common.py")], [])
    return mypy


def check(codes: list[str], mypy: Any) -> list[list[dict[str, Any]] | None]:
    """The errors of each program, None for one that mypy died on. Where it gives a batch up, each is checked alone."""
    found = _forked(codes, mypy)
    if found is None and len(codes) > 1:
        return [check([code], mypy)[0] for code in codes]
    return [None] if found is None else list(found)


def _forked(codes: list[str], mypy: Any) -> list[list[dict[str, Any]]] | None:
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            seconds = MAX_CPU_S + len(codes)
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            with open(theirs, "w", encoding="utf-8") as out:
                json.dump(_check(codes, mypy), out)
            status = 0
        finally:
            os._exit(status)
    os.close(theirs)
    with open(ours, encoding="utf-8") as answer:
        text = answer.read()
    os.waitpid(pid, 0)
    for number in range(len(codes)):
        with contextlib.suppress(OSError):
            os.unlink(f"c{number}.py")
    try:
        return json.loads(text)
    except ValueError:
        return None


def _check(codes: list[str], mypy: Any) -> list[list[dict[str, Any]]] | None:
    for number, code in enumerate(codes):
        _write(f"c{number}.py", code)
    mypy.flush_cache()
    messages = mypy.update([(f"c{number}", f"c{number}.py") for number in range(len(codes))], [])
    if mypy.blocking_error and len(codes) > 1:  # then it has not looked at the others
        return None
    found: list[list[dict[str, Any]]] = [[] for _ in codes]
    for message in messages:
        match = LINE.match(message)
        if match and match["code"] not in LEFT_OUT:
            found[int(match["number"])].append({
                "line": int(match["line"]), "column": int(match["column"] or 0), "code": match["code"] or "misc",
                "message": match["message"]})
    return found


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        file.write(text)


def _options(folder: str) -> Any:
    from mypy.options import Options

    options = Options()
    options.python_version, options.platform = PYTHON, PLATFORM
    options.python_executable, options.no_site_packages = None, True
    options.ignore_missing_imports = options.check_untyped_defs = True
    options.incremental, options.sqlite_cache, options.cache_dir = True, True, folder
    options.cache_fine_grained = options.local_partial_types = True  # as the daemon wants them
    options.show_column_numbers, options.error_summary = True, False
    return options


if __name__ == "__main__":
    main()
