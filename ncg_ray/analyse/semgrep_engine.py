"""semgrep's matching engine, kept warm: our own rule pack, and any other rule folder.

`semgrep scan` takes 2-5 s, nearly all of it start-up; `semgrep-core`, the engine inside its wheel, 0.3 s, most of it
start-up too. So processes are always started ahead: one has read the rules and a first program, for which it prepares what
it needs of them, and waits for the second. What a scan then costs is the matching alone. The second program is a named pipe
at first, held open by us, and a plain file from the moment that there is something to do, since the engine opens it several
times; those after it are empty files until then. Where we die the system kills what waits.

Covers: Python files. Does not cover: rules between files, and rules that need semgrep's service.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ncg_ray.analyse.semgrep_rules import PACK, RuleError, read_rules

RULE_TIMEOUT_S, MAX_MEMORY_MB = 5, 2000
"For one rule on one file, and for the engine."
PARTLY_READ = "partly-read"
FIRST = "first.py"
SPLIT, SLOTS = 16, 25
"Programs that are worth a second process; the most that one takes."
# One that waits for a single program has one slot and is faster: the engine looks at empty files too.
PAUSE_S, BATCH_PAUSE_S = 0.05, 0.3
"Seconds until the next process is started ahead, after one program and after several: the other tools may be still at work."
WARM_UP = """import hashlib, logging, os, pickle, random, re, sqlite3, subprocess, tempfile
import requests, yaml
from flask import Flask, request, render_template_string, redirect

app = Flask(__name__)
PASSWORD = "secret"


@app.route("/x")
def view():
    name = request.args.get("name")
    connection = sqlite3.connect("x.db")
    connection.execute("select * from t where a = '%s'" % name)
    subprocess.run("ls " + name, shell=True)
    logging.info("name %s", name)
    data = yaml.load(open(os.path.join("/tmp", name)).read())
    requests.get(name, verify=False)
    pickle.loads(data)
    hashlib.md5(name.encode()).hexdigest()
    token = random.random()
    eval(name)
    assert name
    return redirect(name) if re.match("(a+)+", name) else render_template_string("<b>" + name)
"""
"What a process reads before it waits."
OCAML = "s=1M,o=1000"
"Its garbage collector: a run is short, so memory for young objects is cheaper than marking."
DEADLINE_S, DEADLINE_PER_FILE_S = 30.0, 2.0
SEVERITIES: dict[str, Rank] = {"CRITICAL": "critical", "HIGH": "high", "ERROR": "high", "MEDIUM": "medium",
                               "WARNING": "medium"}
CONFIDENCES: dict[str, Sureness] = {"HIGH": "high", "LOW": "low"}

Rank = Literal["critical", "high", "medium", "low"]
Sureness = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Match:
    """One rule's match in one file."""

    rule: str
    message: str
    line: int
    column: int
    end_line: int
    cwe: str | None
    severity: Rank
    confidence: Sureness
    fix: str = ""


class EngineError(Exception):
    """The engine gave no answer: it is missing, died, or took too long. The files were not looked at."""


class SemgrepEngine:
    """A warm engine with a fixed set of rules. Threads may share it; scans beside each other each get a process.

    Args:
        folders: rule files, or folders of .yaml and .yml files, beside our own pack.

    Raises InputError for a folder that is not there, ImportError where semgrep is not installed.
    """

    def __init__(self, folders: Sequence[str] = ()) -> None:
        self._binary = _binary()
        rules, self.errors = read_rules([str(PACK), *folders])
        self.num_rules = len(rules)
        self._folder = tempfile.mkdtemp(prefix="ncg-semgrep-")
        self._close = weakref.finalize(self, shutil.rmtree, self._folder, True)
        self._rules = os.path.join(self._folder, "rules.json")
        Path(self._rules).write_text(json.dumps({"rules": [rule for _, rule in rules]}, default=str), encoding="utf-8")
        self._homes = {str(rule.get("id")): path for path, rule in rules}
        self._lock = threading.Lock()
        # The system ends a child where the thread that started it ends: so one that lives as long as this engine.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="semgrep")
        self._spares: dict[int, list[_Process]] = {1: [], SLOTS: []}
        "Processes that wait, by how many programs they take."
        self._wanted = {1: 1, SLOTS: 0}
        self._checked = False

    def warm_up(self) -> None:
        """Start what the next scan will use: for batches from the first batch on."""
        with self._lock:
            for slots, waiting in self._spares.items():
                while len(waiting) < self._wanted[slots] and self._close.alive:
                    waiting.append(self._start(slots))

    def _warm_up_soon(self, pause_s: float) -> None:
        """Not at once: whoever waits for this scan has other tools at work on the same cores."""
        timer = threading.Timer(pause_s, self._warm_up_unless_closed)
        timer.daemon = True
        timer.start()

    def _warm_up_unless_closed(self) -> None:
        with contextlib.suppress(EngineError, OSError, RuntimeError):  # closed meanwhile; a scan would say it aloud
            if self._close.alive:
                self.warm_up()

    def _start(self, slots: int) -> _Process:
        return self._starter.submit(_Process, self._binary, self._rules, self._folder, slots).result()

    def scan(self, codes: Sequence[str]) -> list[list[Match] | EngineError]:
        """The matches in each program, in the order of lines; an error for a program that the engine gave up on.

        Lines that the engine cannot read, and has not looked at, are a match of `PARTLY_READ`. Raises EngineError where
        no program was looked at.
        """
        if not codes:
            return []
        if len(codes) > 2 * SLOTS:
            return [found for at in range(0, len(codes), 2 * SLOTS) for found in self.scan(codes[at:at + 2 * SLOTS])]
        if len(codes) >= SPLIT:  # the engine itself works through its files one by one
            self._wanted[SLOTS] = 2
            order = sorted(range(len(codes)), key=lambda i: len(codes[i]))
            one, two = order[::2], order[1::2]  # of about the same work
            with ThreadPoolExecutor(1) as other:
                rest = other.submit(self._scan, [codes[i] for i in two])
                found = dict(zip(one, self._scan([codes[i] for i in one]), strict=True))
                found.update(zip(two, rest.result(), strict=True))
            return [found[i] for i in range(len(codes))]
        return self._scan(codes)

    def _scan(self, codes: Sequence[str]) -> list[list[Match] | EngineError]:
        slots = 1 if len(codes) == 1 else SLOTS
        with self._lock:
            self._wanted[slots] = max(1, self._wanted[slots])
            process = self._spares[slots].pop() if self._spares[slots] else None
        process = process or self._start(slots)
        try:
            answer = process.run(codes)
        finally:
            process.close()
            self._warm_up_soon(PAUSE_S if len(codes) == 1 else BATCH_PAUSE_S)
        self._note_rule_errors(answer)
        found: list[list[Match]] = [[] for _ in codes]
        failed: dict[int, EngineError] = {}
        for result in answer.get("results", ()):
            if os.path.basename(result["path"]) != FIRST:
                found[_number(result["path"])].append(_match(result))
        for error in answer.get("errors", ()):
            path = str((error.get("location") or {}).get("path", ""))
            if path.startswith(process.folder) and os.path.basename(path) != FIRST:
                if isinstance(error.get("error_type"), list) and error["error_type"][0] == "PartialParsing":
                    found[_number(path)].append(_unread(error["location"]))
                else:  # a rule that ran out of time or memory here is no rule that found nothing
                    words = " ".join(str(error.get("message") or error.get("error_type")).split())[:200]
                    failed[_number(path)] = EngineError(f"semgrep-core gave up on it: {words}")
        return [failed.get(i) or sorted(dict.fromkeys(matches), key=lambda m: (m.line, m.rule, m.column))
                for i, matches in enumerate(found)]

    def close(self) -> None:
        """End the waiting process and remove the temporary files."""
        with self._lock:
            for waiting in self._spares.values():
                while waiting:
                    waiting.pop().close()
            self._close()  # from here on none is started
        self._starter.shutdown()

    def _note_rule_errors(self, answer: dict[str, Any]) -> None:
        """Rules that the engine itself refuses: it says so in each answer."""
        if self._checked:
            return
        self._checked = True
        for error in answer.get("errors", ()):
            if error.get("rule_id") and error.get("severity") == "error":
                message = " ".join(str(error.get("message", "")).split())[:300]
                self.errors.append(RuleError(self._homes.get(error["rule_id"], ""), error["rule_id"], message))


class _Process:
    """One run of the engine: started, waiting, used once."""

    def __init__(self, binary: str, rules: str, parent: str, slots: int) -> None:
        self.folder = tempfile.mkdtemp(dir=parent)
        names = [FIRST, *(f"c{number}.py" for number in range(slots))]
        targets = [["CodeTarget", {"path": {"fpath": os.path.join(self.folder, name), "ppath": f"/{name}"},
                                   "analyzer": "python", "products": ["sast"]}] for name in names]
        self._write("targets", json.dumps(["Targets", targets]))
        self._write(FIRST, WARM_UP)
        for name in names[2:]:
            self._write(name, "")
        os.mkfifo(os.path.join(self.folder, names[1]), 0o600)
        self.pipe = os.open(os.path.join(self.folder, names[1]), os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            self.process = subprocess.Popen(
                [*_with_us(), binary, "-rules", rules, "-targets", os.path.join(self.folder, "targets"), "-json_nodots",
                 "-j", "1", "-fast", "-disable_rule_paths", "-timeout", str(RULE_TIMEOUT_S), "-timeout_threshold", "3",
                 "-max_memory", str(MAX_MEMORY_MB)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
                env={"PATH": os.defpath, "HOME": self.folder, "TMPDIR": self.folder, "OCAMLRUNPARAM": OCAML})
        except OSError as error:
            os.close(self.pipe)
            raise EngineError(f"semgrep-core does not start: {error.strerror}") from error

    def run(self, codes: Sequence[str]) -> dict[str, Any]:
        """The engine's answer on at most so many programs as it has slots; can be called once."""
        for number, code in reversed(list(enumerate(codes))):  # the one that it waits for last
            self._write(f"c{number}.py", code)
        # In a thread: a long program does not fit into the pipe before the engine reads.
        threading.Thread(target=self._send, args=(codes[0].encode("utf-8", "surrogateescape"),), daemon=True).start()
        try:
            output, errors = self.process.communicate(timeout=DEADLINE_S + DEADLINE_PER_FILE_S * len(codes))
        except subprocess.TimeoutExpired:
            most = f"{DEADLINE_S:g} s, and {DEADLINE_PER_FILE_S:g} s a file"
            raise EngineError(f"semgrep-core took longer than {most}") from None
        try:
            answer = json.loads(output)
        except ValueError:
            said = errors.decode(errors="replace").strip().splitlines()[-1:]
            raise EngineError(f"semgrep-core died (exit {self.process.returncode}): {''.join(said)[:200]}") from None
        for error in answer.get("errors", ()):
            if error.get("error_type") == "Fatal error":
                raise EngineError(f"semgrep-core failed: {str(error.get('message'))[:200]}")
        return answer

    def _write(self, name: str, text: str) -> None:
        """A file that appears whole, in the place of what has its name."""
        path = os.path.join(self.folder, name)
        with open(path + ".new", "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
        os.rename(path + ".new", path)

    def _send(self, text: bytes) -> None:
        with contextlib.suppress(OSError):
            view = memoryview(text)
            while view and self.process.poll() is None:
                try:
                    view = view[os.write(self.pipe, view):]
                except BlockingIOError:
                    time.sleep(0.002)
        pipe, self.pipe = self.pipe, -1
        if pipe >= 0:
            os.close(pipe)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        pipe, self.pipe = self.pipe, -1
        if pipe >= 0:
            os.close(pipe)
        shutil.rmtree(self.folder, ignore_errors=True)


@functools.cache
def _with_us() -> tuple[str, ...]:
    """What makes a process end with its parent. Without util-linux one that waits would outlive us if we were killed."""
    path = shutil.which("setpriv")
    return (path, "--pdeathsig", "KILL", "--") if path else ()


@functools.cache
def _binary() -> str:
    """The engine inside semgrep's wheel."""
    spec = importlib.util.find_spec("semgrep")
    if spec is None or not spec.origin:
        raise ImportError("semgrep is not installed", name="semgrep")
    path = Path(spec.origin).with_name("bin") / "semgrep-core"
    if not path.is_file():
        raise ImportError(f"semgrep-core is not in {path.parent}", name="semgrep")
    return str(path)


def _unread(location: dict[str, Any]) -> Match:
    start, end = location["start"], location["end"]
    return Match(PARTLY_READ, "semgrep cannot read these lines: only bandit has looked at them", int(start["line"]),
                 int(start["col"]), int(end["line"]), None, "low", "low")


def _number(path: str) -> int:
    return int(os.path.basename(path).removeprefix("c").removesuffix(".py"))


_UNBOUND = re.compile(r"`\$[A-Z][A-Z_0-9]*`")
"A name in a message that the branch of the rule which matched does not bind."


def _match(result: dict[str, Any]) -> Match:
    extra = result["extra"]
    metadata = extra.get("metadata") or {}
    cwe = metadata.get("cwe") or ""
    cwe = str(cwe[0] if isinstance(cwe, list) and cwe else cwe or "").split(":")[0].strip().upper()
    return Match(
        str(result["check_id"]), _UNBOUND.sub("this value", " ".join(str(extra.get("message", "")).split())),
        int(result["start"]["line"]),
        int(result["start"]["col"]), int(result["end"]["line"]), cwe or None,
        SEVERITIES.get(str(extra.get("severity")).upper(), "low"),
        CONFIDENCES.get(str(metadata.get("confidence")).upper(), "medium"), str(metadata.get("fix", "")))
