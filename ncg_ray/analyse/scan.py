"""Scan files on disk: select, read, analyse in batches, leave out what is excused, report.

    select ─▶ read ─▶ analyse (in this process, or in `jobs`) ─▶ suppressions ─▶ baseline ─▶ Report
"""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ncg_ray import telemetry
from ncg_ray.analyse import baseline, distributions, imports, suppressions
from ncg_ray.analyse.advisories import Advisories
from ncg_ray.analyse.baseline import Fingerprint
from ncg_ray.analyse.files import MAX_KB, Selection, Skipped, SourceFile, decode, read, read_bytes, select
from ncg_ray.analyse.imports import Import
from ncg_ray.analyse.manifests import Manifests, Requested, read_manifests
from ncg_ray.analyse.own_modules import OwnModules
from ncg_ray.analyse.scan_batches import MAX_JOBS, analyses
from ncg_ray.config import AnalyseConfig
from ncg_ray.errors import InputError
from ncg_ray.protocols import Analyser, Surroundings
from ncg_ray.telemetry import Listener
from ncg_ray.types import Finding

SEVERITIES = ("critical", "high", "medium", "low")
KINDS = ("security", "dependency", "licence", "quality")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a report keeps of a file that was read."""

    path: str
    sha1: str
    sha256: str
    imports: tuple[Import, ...]
    "None where the file does not parse."


@dataclass(frozen=True, slots=True)
class Report:
    """What a scan found. Paths are relative to `root`, with `/`."""

    root: Path
    findings: tuple[Finding, ...] = ()
    "In the order of paths, then lines; without those that a comment or the baseline excuses."
    fingerprints: tuple[Fingerprint, ...] = ()
    "One for each finding."
    scanned: tuple[Scanned, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    requested: tuple[Requested, ...] = ()
    "What the manifests ask for."
    missing: dict[str, str] = field(default_factory=dict)
    """Terms that could not be measured, of all files or of some, and why; under `configured`, rules and advisories of the
    config that could not be used."""

    def document(self) -> dict[str, Any]:
        """As `ncg scan --json` prints it."""
        return {"findings": [as_json(finding) for finding in self.findings], "files": len(self.scanned),
                "skipped": [{"path": s.path, "why": s.why} for s in self.skipped], "missing": self.missing}

    def at_least(self, severity: str) -> list[Finding]:
        """The findings of this severity and those above it."""
        worth = SEVERITIES[:SEVERITIES.index(severity) + 1]
        return [finding for finding in self.findings if finding.severity in worth]


def as_json(finding: Finding) -> dict[str, Any]:
    """A finding's keys, in the order that others rely on."""
    names = ("path", "line", "tool", "rule", "kind", "cwe", "severity", "confidence", "message", "column", "end_line", "fix")
    return {name: getattr(finding, name) for name in names}


def analyser(config: AnalyseConfig) -> Analyser:
    """The one for code of one's own, whose `# noqa` and `# type: ignore` count."""
    from ncg_ray.analyse.analyser import CodeAnalyser

    return CodeAnalyser(config, honour_comments=True)


def scan(paths: Sequence[str | Path], make_analyser: Callable[[], Analyser] | None, *, advisories: Advisories | None = None,
         known: str | Path | None = None, write_known: str | Path | None = None, jobs: int = 1, max_kb: int = MAX_KB,
         on_event: Listener = telemetry.ignore) -> Report:
    """Scan files and folders.

    Args:
        make_analyser: makes the analyser, here or in a process of its own, where it must be possible to pickle.
            None: files are only read, for an inventory.
        advisories: what the versions are looked up in that the manifests ask for.
        known: a baseline; its findings are left out.
        write_known: a file to write a baseline to, of all findings that no comment excuses.
        jobs: processes that analyse, 1 to 64; 1 is this one.
        max_kb: size in KiB above which a file is skipped.

    Raises InputError for a path or a baseline that cannot be used, InfrastructureError where a process dies.
    """
    if not 1 <= jobs <= MAX_JOBS:
        raise InputError(f"jobs = {jobs}: give a number from 1 to {MAX_JOBS}")
    already = baseline.read(known) if known is not None else frozenset()
    selection = select(paths)
    manifests = read_manifests(selection.root, selection.manifests)
    reading = _Reading(selection, max_kb, on_event)
    findings: list[Finding] = []
    notes: dict[str, list[str]] = {}
    problems: set[str] = set()
    local = _own_names(selection, manifests)
    for source, analysis in analyses(reading.sources(), make_analyser, Surroundings(local=local), jobs, problems):
        own = [replace(finding, path=source.path) for finding in analysis.findings]
        findings += suppressions.apply(source.code, own, source.path, complete=not analysis.missing)
        for term, why in analysis.missing.items():
            notes.setdefault(term, []).append(f"{source.path}: {why}")
    findings += [*reading.findings, *manifests.findings, *(manifests.vulnerable(advisories) if advisories else ())]
    findings.sort(key=lambda f: (f.path, f.line, f.column, SEVERITIES.index(f.severity), f.tool, f.rule, f.message))
    prints = baseline.fingerprints(findings, _Texts(selection.root).line)
    if write_known is not None:
        baseline.write(write_known, prints)
    new = [i for i, fingerprint in enumerate(prints) if fingerprint not in already]
    missing = {term: _together(whys) for term, whys in sorted(notes.items())}
    if problems:
        missing["configured"] = "; ".join(sorted(problems))
    skipped = sorted([*selection.skipped, *reading.skipped, *manifests.skipped], key=lambda s: s.path)
    return Report(selection.root, tuple(findings[i] for i in new), tuple(prints[i] for i in new), tuple(reading.scanned),
                  tuple(skipped), tuple(manifests.requested), missing)


def _own_names(selection: Selection, manifests: Manifests) -> frozenset[str]:
    """Modules that nobody need know: the code's own, and what its manifests ask for that is not installed here."""
    here = distributions.installed()
    asked = {r.name.replace("-", "_") for r in manifests.requested if r.name not in here.folders}
    return OwnModules.of(selection.root, selection.paths).top_level() | asked


def _together(whys: Sequence[str]) -> str:
    """Why a term is missing, of one file or of many."""
    reasons = Counter(why.partition(": ")[2] for why in whys)
    if len(reasons) == 1 and len(whys) > 1:
        return f"{next(iter(reasons))} ({len(whys)} files)"
    return whys[0] + (f" (and {len(whys) - 1} more files)" if len(whys) > 1 else "")


@dataclass(slots=True)
class _Reading:
    """Reads the files of a selection, and notes what is said of them before any analyser sees them."""

    selection: Selection
    max_kb: int
    on_event: Listener
    scanned: list[Scanned] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def sources(self) -> Iterator[SourceFile]:
        """The files that parse, in order."""
        total = len(self.selection.paths)
        for done, item in enumerate(read(self.selection.root, self.selection.paths, self.max_kb)):
            self.on_event({"event": "progress", "done": done, "total": total, "text": item.path})
            if isinstance(item, Skipped):
                self.skipped.append(item)
            elif isinstance(item, Finding):
                self.findings.append(item)
            else:
                tree = parse(item)
                found = imports.of_tree(tree) if isinstance(tree, ast.Module) else ()
                self.scanned.append(Scanned(item.path, item.sha1, item.sha256, found))
                if isinstance(tree, Finding):
                    self.findings.append(tree)
                else:
                    yield item


def parse(file: SourceFile) -> ast.Module | Finding:
    """The tree of a file, or the finding that it has none."""
    try:
        with warnings.catch_warnings():  # of the code's own, such as a wrong escape in a string
            warnings.simplefilter("ignore")
            return ast.parse(file.code)
    except SyntaxError as error:
        line, column, problem = error.lineno or 1, error.offset or 0, error.msg
    except (ValueError, RecursionError, MemoryError) as error:
        line, column, problem = 1, 0, str(error) or f"it is nested too deeply ({type(error).__name__})"
    return Finding("ncg", "syntax-error", "quality", f"the file does not parse: {problem}; nothing else in it was checked",
                   line, file.path, severity="medium", confidence="high", column=max(0, column))


class _Texts:
    """Lines of files on disk; the last file is kept, since findings come file by file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path, self.lines = "", [""]

    def line(self, path: str, number: int) -> str:
        """One line's text; empty where there is none."""
        if path != self.path:
            try:
                data = read_bytes(self.root / path) or b""
            except OSError:
                data = b""
            text = decode(data)
            self.path, self.lines = path, (text if isinstance(text, str) else data.decode("latin-1")).split("\n")
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""
