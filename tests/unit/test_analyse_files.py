"""Which files a scan covers, how they are read, and what a project asks for."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ncg_ray.analyse.advisories import Advisories, of_record
from ncg_ray.analyse.files import Skipped, SourceFile, decode, read, select
from ncg_ray.analyse.manifests import Manifests, Requested, of_pyproject, of_requirements, read_manifests
from ncg_ray.errors import InputError
from ncg_ray.types import Finding


def tree(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    return root


def git(folder: Path, *command: str) -> None:
    config = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *config, *command], cwd=folder, check=True, capture_output=True)


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


class TestWalk:
    def test_sources_and_nothing_else(self, tmp_path):
        tree(tmp_path, "a.py", "pkg/b.pyi", "pkg/deep/c.py", "note.ipynb", "d.pyc", "e.txt", ".git/h.py", "__pycache__/i.py",
             "node_modules/j.py", "env/lib/k.py", "env/pyvenv.cfg", "lib/site-packages/l.py", "pkg/build/__init__.py",
             "build/m.py", "pkg/dist/n.py", ".hidden/o.py")
        found = select([tmp_path])
        assert found.paths == (".hidden/o.py", "a.py", "pkg/b.pyi", "pkg/build/__init__.py", "pkg/deep/c.py")
        assert [s.path for s in found.skipped] == ["build", "pkg/dist"], "a folder that may be missed is named"
        assert select([tmp_path / "build"]).paths == ("m.py",), "and covered where somebody names it"

    def test_the_root(self, tmp_path):
        tree(tmp_path, "a/x.py", "a/b/y.py", "c/z.py")
        assert select([tmp_path / "a"]).paths == ("b/y.py", "x.py")
        one = select([tmp_path / "a" / "x.py"])
        assert (one.root, one.paths) == (tmp_path / "a", ("x.py",))
        assert select([tmp_path / "a", tmp_path / "c" / "z.py"]).paths == ("a/b/y.py", "a/x.py", "c/z.py")
        assert select([tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "x.py"]).paths == ("b/y.py", "x.py"), "once"

    def test_links(self, tmp_path):
        root, outside = tree(tmp_path / "in", "a.py", "sub/b.py"), tree(tmp_path / "out", "c.py", "folder/d.py")
        (root / "again.py").symlink_to("a.py")
        (root / "out.py").symlink_to(outside / "c.py")
        (root / "gone.py").symlink_to("nothing.py")
        (root / "sub" / "up").symlink_to("..")
        (root / "folder").symlink_to(outside / "folder")
        found = select([root])
        assert found.paths == ("a.py", "sub/b.py")
        assert {s.path: s.why for s in found.skipped} == {
            "out.py": "a link that leads out of the folder", "folder": "a link that leads out of the folder",
            "gone.py": "a link that leads nowhere"}
        (tmp_path / "link").symlink_to(root)
        assert select([tmp_path / "link"]).paths == found.paths, "what somebody names is followed"

    def test_scripts_by_name(self, tmp_path):
        (tmp_path / "tool").write_text("#!/usr/bin/env python3\n")
        assert select([tmp_path / "tool"]).paths == ("tool",)

    @pytest.mark.parametrize(("name", "problem"), [
        ("none", "No such file"), ("a.js", "not Python source"), ("pipe", "neither a file nor a folder"),
        ("circle", "circle|loop|levels"), ("nul\0", "null")])
    def test_what_cannot_be_scanned(self, tmp_path, name, problem):
        tree(tmp_path, "a.js")
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "circle").symlink_to("circle")
        with pytest.raises(InputError, match=problem) as caught:
            select([str(tmp_path / name)])
        assert repr(name)[1:-1] in caught.value.message

    def test_nothing(self, tmp_path):
        with pytest.raises(InputError, match="nothing to scan"):
            select([])
        assert select([tmp_path]).paths == ()


@needs_git
class TestGit:
    def test_what_git_ignores_is_left_out(self, tmp_path):
        tree(tmp_path, "a.py", "new.py", "sub/b.py", "made/c.py", "gone.py", "env/d.py", "env/pyvenv.cfg", "k\u00e4se.py")
        (tmp_path / ".gitignore").write_text("made/\n")
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", "a.py", "sub", "gone.py", "k\u00e4se.py")
        (tmp_path / "gone.py").unlink()
        assert select([tmp_path]).paths == ("a.py", "k\u00e4se.py", "new.py", "sub/b.py")
        assert select([tmp_path / "sub"]).paths == ("b.py",)
        assert select([tmp_path / "made"]).paths == ("c.py",), "somebody who names it wants to see into it"

    def test_repositories_inside(self, tmp_path):
        tree(tmp_path / "other", "o.py")
        git(tmp_path / "other", "init", "-q")
        git(tmp_path / "other", "add", ".")
        git(tmp_path / "other", "commit", "-qm", "x")
        root = tree(tmp_path / "root", "a.py", "loose/b.py", "loose/made/c.py")
        git(root, "init", "-q")
        git(root / "loose", "init", "-q")
        (root / "loose" / ".gitignore").write_text("made\n")
        git(root, "submodule", "add", "-q", str(tmp_path / "other"), "module")
        assert select([root]).paths == ("a.py", "loose/b.py", "module/o.py")

    def test_a_repository_runs_nothing_and_a_hook_does_not_mislead(self, tmp_path, monkeypatch):
        root = tree(tmp_path / "root", "a.py")
        git(root, "init", "-q")
        spy = tmp_path / "spy"
        spy.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        spy.chmod(0o755)
        git(root, "config", "core.fsmonitor", str(spy))
        other = tree(tmp_path / "other", "z.py")
        git(other, "init", "-q")
        monkeypatch.setenv("GIT_DIR", str(other / ".git"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
        assert select([root]).paths == ("a.py",)
        assert not (tmp_path / "ran").exists()

    def test_without_git_the_tree_is_walked(self, tmp_path, monkeypatch):
        tree(tmp_path, "a.py", "made/c.py")
        (tmp_path / ".gitignore").write_text("made/\n")
        git(tmp_path, "init", "-q")
        monkeypatch.setenv("PATH", str(tmp_path))
        assert select([tmp_path]).paths == ("a.py", "made/c.py")


class TestRead:
    def read(self, root: Path, data: bytes, **more):
        (root / "a.py").write_bytes(data)
        item, = read(root, ["a.py"], **more)
        return item

    def test_text_and_hashes(self, tmp_path):
        data = b"x = 1\r\ny = 2\rz = 3\n"
        item = self.read(tmp_path, data)
        assert isinstance(item, SourceFile) and (item.path, item.code) == ("a.py", "x = 1\ny = 2\nz = 3\n")
        assert (item.sha1, item.sha256) == (hashlib.sha1(data).hexdigest(), hashlib.sha256(data).hexdigest())

    @pytest.mark.parametrize(("data", "text"), [
        (b"", ""), (b"\xef\xbb\xbfx = 1", "x = 1"), ("x = 'é'".encode(), "x = 'é'"),
        ("# coding: latin-1\nx = 'é'".encode("latin-1"), "# coding: latin-1\nx = 'é'"),
        ("#!/bin/python\n# -*- coding: koi8-r -*-\n'я'".encode("koi8-r"), "#!/bin/python\n# -*- coding: koi8-r -*-\n'я'")])
    def test_encodings(self, data, text):
        assert decode(data) == text

    @pytest.mark.parametrize(("data", "line"), [
        (b"x = '\xe9'\n", 1), (b"\n" * 40 + b"# \xff\n", 41), (b"# coding: no-such\n", 1), (b"# coding: hex\n", 1),
        (b"# coding: undefined\nx\n", 1), ("x = 1".encode("utf-16"), 1), (b"# coding: ascii\n\n\n# \xe9", 4),
        (b"\xef\xbb\xbf# coding: latin-1\n", 1)])
    def test_undecodable_bytes_are_a_finding(self, tmp_path, data, line):
        item = self.read(tmp_path, data)
        assert isinstance(item, Finding) and (item.rule, item.kind, item.severity) == ("undecodable", "quality", "low")
        assert (item.path, item.line) == ("a.py", line) and item.message

    def test_what_cannot_be_read_is_skipped(self, tmp_path):
        assert self.read(tmp_path, b"#" * 1024, max_kb=1).path == "a.py"
        assert self.read(tmp_path, b"#" * 1025, max_kb=1) == Skipped("a.py", "larger than 1 KiB")
        os.mkfifo(tmp_path / "pipe.py")
        tree(tmp_path, "folder.py/x")
        why = [item.why for item in read(tmp_path, ["pipe.py", "none.py", "folder.py"])]
        assert why == ["cannot be read: it is not a regular file", "cannot be read: No such file or directory",
                       "cannot be read: Is a directory"]


class TestManifests:
    def test_requirements(self):
        text = (b"\xef\xbb\xbf# pinned\r\nRequests[security] == 2.19.0 ; python_version > '3'  # old\r\n-r other.txt\n"
                b"--index-url https://example.org/simple\nDjango==2.2 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
                b"flask>=1\nnumpy==1.*\nA_b.c===1\nodd===x_y\nx @ https://example.org/x.whl\ngit+https://example.org/y\n./local\n")
        assert [(r.name, r.version, r.line) for r in of_requirements(text, "requirements.txt")] == [
            ("requests", "2.19.0", 2), ("django", "2.2", 5), ("flask", None, 8), ("numpy", None, 9), ("a-b-c", "1", 10),
            ("odd", None, 11)]

    def test_a_broken_requirement_is_a_finding(self):
        finding, pin = of_requirements(b"what is this\na==1\n", "requirements.txt")
        assert (finding.rule, finding.line, finding.severity) == ("broken-requirement", 1, "low") and pin.name == "a"
        finding, = of_requirements(b"a==1\n\xff", "requirements.txt")
        assert (finding.rule, finding.line) == ("undecodable", 2)

    def test_pyproject(self):
        text = (b'[project]\nname = "x"\ndependencies = [\n  "requests==2.19.0",  # old\n  "flask",\n'
                b'  "x @ https://example.org/x"]\n[project.optional-dependencies]\n'
                b"test = [\"pytest==5.0; os_name == 'nt'\"]\n")
        assert list(of_pyproject(text, "pyproject.toml")) == [
            Requested("requests", "2.19.0", "pyproject.toml", 4), Requested("flask", None, "pyproject.toml", 5),
            Requested("pytest", "5.0", "pyproject.toml", 8)]

    @pytest.mark.parametrize(("text", "line"), [
        (b"[project]\nname = \n", 2), (b"a = 1\n[project\n", 2), (b"[project]\nx = '''", 2), (b"\n\n\xff", 3),
        (b"project = 1\n", 1), (b"[project]\ndependencies = 'requests'\n", 2), (b"[project]\ndependencies = [1]\n", 2),
        (b"[project]\n\ndependencies = ['a b']\n", 3), (b"[project]\noptional-dependencies = 3\n", 2)])
    def test_a_broken_pyproject_is_a_finding(self, text, line):
        finding, = of_pyproject(text, "pyproject.toml")
        assert (finding.rule, finding.kind, finding.severity) == ("broken-pyproject", "quality", "low")
        assert (finding.path, finding.line) == ("pyproject.toml", line)

    @pytest.mark.parametrize("text", [b"", b"[tool.x]\n", b"[project]\nname = 'x'\n"])
    def test_one_without_dependencies_is_whole(self, text):
        assert list(of_pyproject(text, "pyproject.toml")) == []

    def test_they_are_found_in_the_tree(self, tmp_path):
        tree(tmp_path, "requirements.txt", "sub/requirements-dev.txt", "pyproject.toml", "other.toml", "notes.txt")
        (tmp_path / "requirements.txt").write_text("a==1\n")
        (tmp_path / "sub" / "requirements-dev.txt").write_bytes(b"# \n" * 600_000)
        (tmp_path / "pyproject.toml").write_text("[project]\nname = \n")
        found = select([tmp_path])
        assert found.manifests == ("pyproject.toml", "requirements.txt", "sub/requirements-dev.txt")
        read = read_manifests(tmp_path, found.manifests)
        assert read.requested == [Requested("a", "1", "requirements.txt", 1)]
        assert [f.rule for f in read.findings] == ["broken-pyproject"]
        assert read.skipped == [Skipped("sub/requirements-dev.txt", "larger than 1024 KiB")]

    def test_a_vulnerable_version_is_named_where_it_is_asked_for(self):
        known = Advisories(of_record({"id": "GHSA-1", "summary": "bad", "aliases": ["CVE-1"], "affected": [
            {"package": {"ecosystem": "PyPI", "name": "A"},
             "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.5"}]}]}]}))
        read = Manifests([Requested("a", "1", "requirements.txt", 4), Requested("a", "2", "requirements.txt", 5),
                          Requested("a", None, "requirements.txt", 6)])
        finding, = read.vulnerable(known)
        assert (finding.rule, finding.kind, finding.path, finding.line) == ("GHSA-1", "dependency", "requirements.txt", 4)
        assert finding.fix == "ask for a 1.5 or later" and finding.cwe == "CWE-1395"
