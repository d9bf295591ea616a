"""`ncg scan PATH...` as a subprocess: the real analysers on a small repository, its formats, exit codes and errors."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

import ncg_ray
from ncg_ray.analyse import CodeAnalyser
from ncg_ray.analyse import scan as scans
from ncg_ray.analyse.scan import Report
from ncg_ray.config import AnalyseConfig
from ncg_ray.errors import InputError

SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
KEYS = ["path", "line", "tool", "rule", "kind", "cwe", "severity", "confidence", "message", "column", "end_line", "fix"]
SHELL = "import subprocess\n\n\ndef run(name):\n    return subprocess.call('ls ' + name, shell=True)\n"


def ncg(*argv: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ncg_ray", "scan", *map(str, argv)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def found(*argv: object, cwd: Path) -> dict:
    done = ncg(*argv, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rules(document: dict, path: str | None = None) -> list[tuple[str, int]]:
    return [(f["rule"], f["line"]) for f in document["findings"] if path in (None, f["path"])]


class Kept:
    """The real analyser, whose tools stay warm from test to test."""

    def __init__(self, whole: CodeAnalyser) -> None:
        self.analyse = whole.analyse


@pytest.fixture(scope="module")
def warm() -> Iterator[Kept]:
    whole = scans.analyser(AnalyseConfig())
    yield Kept(whole)
    whole.close()


@pytest.fixture
def scan(warm: Kept, small: Path):
    """Scan the small repository in this process."""
    def run(**more: object) -> Report:
        return scans.scan([small], lambda: warm, **more)
    return run


@pytest.fixture
def repository(tmp_path) -> Path:
    """One of everything."""
    root = tmp_path / "repo"
    (root / "app").mkdir(parents=True)
    (root / "app" / "shell.py").write_text(SHELL)
    (root / "app" / "broken.py").write_text("x = 1\ndef f(:\n")
    (root / "app" / "other.py").write_text("function f(x) { return x + 1; }\n")
    (root / "app" / "empty.py").write_text("")
    (root / "app" / "long.py").write_text(f"x = '{'a' * 1_000_000}'\n")
    (root / "app" / "bytes.py").write_bytes(b"x = 1\n# \xff\n")
    (root / "app" / "nul.py").write_bytes(b"x = 1\0\n")
    (root / "app" / "deep.py").write_text(f"x = {'(' * 400}1{')' * 400}\n")
    (root / "app" / "large.py").write_text("# a comment\n" * 100_000)
    (root / "pyproject.toml").write_text('[project]\nname = "repo"\nversion = \n')
    return root


@pytest.fixture
def small(tmp_path) -> Path:
    """One file with one shell."""
    root = tmp_path / "small"
    root.mkdir()
    (root / "shell.py").write_text(SHELL)
    return root


def test_a_repository_with_one_of_everything(repository):
    document = found(".", cwd=repository)
    assert list(document) == ["findings", "files", "skipped", "missing"] and document["missing"] == {}
    assert document["files"] == 7
    assert all(list(finding) == KEYS for finding in document["findings"])
    shell = next(f for f in document["findings"] if f["cwe"] == "CWE-78" and f["severity"] == "high")
    assert (shell["path"], shell["line"], shell["kind"]) == ("app/shell.py", 5, "security")
    broken = {f["path"]: f for f in document["findings"] if f["rule"] == "syntax-error"}
    assert {path: f["line"] for path, f in broken.items()} == {
        "app/broken.py": 2, "app/other.py": 1, "app/nul.py": 1, "app/deep.py": 1}
    assert {(f["kind"], f["severity"], f["tool"]) for f in broken.values()} == {("quality", "medium", "ncg")}
    assert rules(document, "app/bytes.py") == [("undecodable", 2)]
    assert rules(document, "pyproject.toml") == [("broken-pyproject", 3)]
    assert rules(document, "app/empty.py") == []
    assert document["skipped"] == [{"path": "app/large.py", "why": "larger than 1024 KiB"}]
    order = [(f["path"], f["line"]) for f in document["findings"]]
    assert order == sorted(order)


def test_text(repository):
    done = ncg("app", cwd=repository)
    assert done.returncode == 0 and done.stderr == "" and "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert lines[0] == "broken.py" and lines[1].startswith("  2:7      medium   syntax-error the file does not parse")
    assert any(line.startswith("  5:") and " high " in line and "(CWE-78)" in line for line in lines)
    assert "skipped large.py: larger than 1024 KiB" in lines
    assert lines[-1].endswith(" quality)") or "security" in lines[-1]
    assert f"in {7} files: " in lines[-1]


def test_colours_and_progress_on_a_terminal_only(small):
    near, far = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    process = subprocess.Popen([sys.executable, "-m", "ncg_ray", "scan", "."], cwd=small, stdout=far, stderr=far,
                               env={**environment, "TERM": "xterm"})
    os.close(far)
    shown = b""
    try:
        while chunk := os.read(near, 65536):
            shown += chunk
    except OSError:  # the terminal's other end is closed
        pass
    os.close(near)
    assert process.wait(60) == 0
    assert b"\x1b[" in shown and b"CWE-78" in shown and b"Traceback" not in shown


def test_fail_on_and_several_paths(small):
    (small / "b").mkdir()
    (small / "b" / "other.py").write_text("def f(:\n")
    done = ncg("b", "shell.py", "--fail-on", "high", "--json", cwd=small)
    document = json.loads(done.stdout)
    assert done.returncode == 1 and document["files"] == 2
    assert {f["path"] for f in document["findings"]} == {"b/other.py", "shell.py"}
    assert ncg("b", "--fail-on", "high", cwd=small).returncode == 0
    assert ncg("b", "--fail-on", "medium", cwd=small).returncode == 1


def test_excuses(small, scan):
    line = SHELL.splitlines()[-1]
    (small / "shell.py").write_text(SHELL.replace(line, f"{line}  # ncg: ignore[CWE-78]: the names are ours"))
    assert [f for f in scan().findings if f.line == 5 and f.kind == "security"] == []
    for without in ("# ncg: ignore[CWE-78]", "# nosec B602", "# nosec", "# nosemgrep"):
        (small / "shell.py").write_text(SHELL.replace(line, f"{line}  {without}"))
        report = scan()
        assert report.at_least("high") and {f.rule for f in report.findings} & {
            "suppression-without-reason", "suppression-without-rule"}
    (small / "shell.py").write_text("x = 1  # ncg: ignore[CWE-78]: the names are ours\n")
    unused, = scan().findings
    assert (unused.rule, unused.line, unused.path) == ("unused-suppression", 1, "shell.py")


def test_a_baseline_lets_known_findings_stay(small, scan, tmp_path):
    known = tmp_path / "known.json"
    assert scan(write_known=known).at_least("high"), "writing one hides nothing"
    assert scan(known=known).findings == ()
    (small / "shell.py").write_text("# moved\n\n" + SHELL)
    assert scan(known=known).findings == ()
    (small / "shell.py").write_text(SHELL + "\n\ndef again(name):\n    return subprocess.call('ls ' + name, shell=True)\n")
    assert {f.line for f in scan(known=known).at_least("high")} == {9}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["known.json", "small"], "no draft is left"


def test_a_baseline_by_command(small, tmp_path):
    known = tmp_path / "known.json"
    first = ncg(".", "--write-baseline", known, "--json", "--fail-on", "high", cwd=small)
    assert first.returncode == 1 and json.loads(first.stdout)["findings"] and str(known) in first.stderr
    again = ncg(".", "--baseline", known, "--json", "--fail-on", "low", cwd=small)
    assert again.returncode == 0 and json.loads(again.stdout)["findings"] == []


def test_the_projects_own_modules_are_known(small, scan):
    (small / "tools_of_ours.py").write_text("import asked_for_only\nimport nobody_knows_this\n")
    (small / "main.py").write_text("import tools_of_ours\n")
    (small / "requirements.txt").write_text("asked-for-only>=1\n")
    unknown = [f for f in scan().findings if f.rule in ("unknown-package", "misspelt-package")]
    assert [(f.path, f.line) for f in unknown] == [("tools_of_ours.py", 2)]


def test_pins_are_looked_up(small, tmp_path):
    (small / "requirements.txt").write_text("# pinned\nrequests==2.19.0\n")
    (tmp_path / "osv.json").write_text(json.dumps({
        "id": "GHSA-x84v-xcm2-53pg", "summary": "it leaks", "aliases": ["CVE-2018-18074"], "affected": [{
            "package": {"ecosystem": "PyPI", "name": "requests"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.20.0"}]}]}]}))
    document = found(".", "--set", f"analyse.advisories={tmp_path / 'osv.json'}", cwd=small)
    advised, = [f for f in document["findings"] if f["path"] == "requirements.txt"]
    assert (advised["rule"], advised["line"], advised["kind"]) == ("GHSA-x84v-xcm2-53pg", 2, "dependency")
    assert "2.20.0" in advised["fix"]


def test_sarif(repository, tmp_path):
    out = tmp_path / "report.sarif"
    done = ncg(".", "--format", "sarif", "--out", out, cwd=repository)
    assert (done.returncode, done.stdout) == (0, "") and str(out) in done.stderr
    log = json.loads(out.read_text())
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
    run, = log["runs"]
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]}
    assert {"app/shell.py", "app/broken.py", "pyproject.toml"} <= uris
    assert {r["level"] for r in run["results"]} == {"error", "warning", "note"}


def test_spdx(repository, tmp_path):
    (repository / "app" / "imports.py").write_text("import pytest\nfrom app import shell\nimport no_such_package_at_all\n")
    out = tmp_path / "report.spdx.json"
    assert ncg(".", "--format", "spdx", "--out", out, cwd=repository).returncode == 0
    document = parse_file(str(out))
    assert validate_full_spdx_document(document) == []
    assert [package.name for package in document.packages] == ["repo", "no-such-package-at-all", "pytest"]
    assert str(document.packages[2].license_declared) == "MIT"
    assert {"./app/shell.py", "./app/broken.py"} <= {file.name for file in document.files}


@pytest.mark.parametrize(("argv", "words"), [
    (["missing"], "cannot scan 'missing'"), ([], "PATH"), ([".", "--format", "xml"], "xml"),
    ([".", "--json", "--format", "sarif"], "two documents"), ([".", "--fail-on", "awful"], "awful"),
    ([".", "--baseline", "none.json"], "none.json"), ([".", "--baseline", "shell.py"], "shell.py' is not JSON"),
    ([".", "--jobs", "0"], "jobs = 0"), ([".", "--jobs", "many"], "many"), ([".", "--out", "no/such/file"], "no/such"),
    ([".", "--write-baseline", "no/such"], "no/such"), ([".", "--set", "no.knob=1"], "config key 'no'"),
    (["a.js"], "not Python"), ([".", "--events", "no/such"], "no/such")])
def test_bad_input(small, argv, words):
    (small / "a.js").write_text("let x = 1;\n")
    done = ncg(*argv, cwd=small)
    assert (done.returncode, done.stdout) == (2, "") and words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_several_processes_find_the_same(repository):
    for number in range(60):  # more than one batch
        (repository / "app" / f"more{number}.py").write_text(SHELL)
    document = found(".", "--jobs", 2, cwd=repository)
    assert document["files"] == 67 and document["missing"] == {}
    each = [[f["rule"] for f in document["findings"] if f["path"] == f"app/more{number}.py"] for number in range(60)]
    assert all(rules == each[0] for rules in each) and each[0]


def test_events(small, tmp_path):
    done = ncg(".", "--json", "--events", tmp_path / "events", cwd=small)
    assert done.stderr == ""
    events = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]
    assert [(e["event"], e["done"], e["total"], e["text"]) for e in events] == [("progress", 0, 1, "shell.py")]


async def test_from_python_also_in_a_running_loop(small):
    report = ncg_ray.scan(small)
    assert [f.severity for f in report.at_least("high")] == ["high"]
    assert report.document()["files"] == 1
    with pytest.raises(InputError, match="cannot scan"):
        ncg_ray.scan(small / "none")


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_does_not_wait_for_the_tools(small, tmp_path, jobs):
    for number in range(60):
        (small / f"long{number}.py").write_text("".join(f"def f{i}(x):\n    return x + {i}\n\n\n" for i in range(200)))
    events = tmp_path / "events"
    process = subprocess.Popen([sys.executable, "-m", "ncg_ray", "scan", ".", "--jobs", str(jobs), "--events", str(events)],
                               cwd=small, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    deadline = time.monotonic() + 60
    while not (events.exists() and len(events.read_text().splitlines()) >= 50):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.splitlines()[-1]) == (130, "", "ncg: interrupted") and "Traceback" not in err
