"""The process that runs mypy: programs come in as JSON lines, type errors go out.

It knows the standard library's types alone, for one version of Python and one platform, so that the same program has the
same errors on every machine; what it imports from elsewhere is of any type. Nothing is run or imported.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import re
import shutil
import sys
import tempfile
from importlib.metadata import version
from typing import Any

PYTHON, PLATFORM = (3, 11), "linux"
LEFT_OUT = frozenset({"var-annotated", "import-untyped", "import-not-found", "import"})
"Codes that ask for annotations, or for stubs: no errors of the program."
LINE = re.compile(r"^c(?P<number>\d+)\.py:(?P<line>\d+):(?:(?P<column>\d+):)? error: (?P<message>.*?)"
                  r"(?:  \[(?P<code>[\w-]+)\])?$")
WARM_UP = ("import "
           "abc, argparse, array, asyncio, bisect, collections, collections.abc, contextlib, copy, csv, dataclasses, "
           "datetime, decimal, enum, fractions, functools, hashlib, heapq, io, itertools, json, math, operator, os, "
           "pathlib, random, re, shutil, sqlite3, statistics, string, subprocess, sys, tempfile, textwrap, threading, "
           "time, typing, urllib.parse, urllib.request, uuid\n")


def main() -> None:
    """Serve until the standard input ends. The arguments: a folder for what mypy remembers, which goes in
    the end, and one that stays, for what it knows of the standard library.
    """
    folder, store = sys.argv[1:]
    gc.disable()  # a check is short; the collection below costs nobody's time
    try:
        _remember(folder, store)
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            codes = json.loads(line)["codes"]
            print(json.dumps({"errors": check(codes, folder)}), flush=True)
            gc.collect()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remember(folder: str, store: str) -> None:
    """Fill the folder with what mypy knows of the standard library: as the store has it, or by a first check."""
    kept = os.path.join(store, f"mypy-{version('mypy')}-{PYTHON[0]}.{PYTHON[1]}")
    if os.path.isdir(kept):
        shutil.copytree(kept, folder, dirs_exist_ok=True)
    check([WARM_UP], folder)
    if not os.path.isdir(kept):
        with contextlib.suppress(OSError):  # a store that cannot be written, or that another has just filled
            os.makedirs(store, exist_ok=True)
            fresh = tempfile.mkdtemp(dir=store)
            try:
                shutil.copytree(folder, fresh, dirs_exist_ok=True)
                os.rename(fresh, kept)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)


def check(codes: list[str], folder: str) -> list[list[dict[str, Any]]]:
    """The errors of each program. Where mypy gives a batch up for one of them, each is checked by itself."""
    from mypy import build
    from mypy.errors import CompileError
    from mypy.modulefinder import BuildSource

    sources = [BuildSource(f"c{number}.py", f"c{number}", code) for number, code in enumerate(codes)]
    try:
        messages = build.build(sources, _options(folder), None).errors
    except CompileError as error:
        if len(codes) > 1:
            return [check([code], folder)[0] for code in codes]
        messages = error.messages
    found: list[list[dict[str, Any]]] = [[] for _ in codes]
    for message in messages:
        match = LINE.match(message)
        if match and match["code"] not in LEFT_OUT:
            found[int(match["number"])].append({
                "line": int(match["line"]), "column": int(match["column"] or 0), "code": match["code"] or "misc",
                "message": match["message"]})
    return found


def _options(folder: str) -> Any:
    from mypy.options import Options

    options = Options()
    options.python_version, options.platform = PYTHON, PLATFORM
    options.python_executable, options.no_site_packages = None, True
    options.ignore_missing_imports = options.check_untyped_defs = True
    options.incremental, options.sqlite_cache, options.cache_dir = True, True, folder
    options.show_column_numbers, options.error_summary = True, False
    return options


if __name__ == "__main__":
    main()
