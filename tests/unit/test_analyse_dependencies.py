"""Imports, distributions, misspellings and advisories; real folders, files and one real server on loopback."""

from __future__ import annotations

import http.server
import json
import threading
import time
import zipfile

import pytest
from packaging.version import Version

from ncg_ray.analyse import cvss, dependencies, distributions, imports, known_packages
from ncg_ray.analyse.advisories import Advisories, of_record
from ncg_ray.analyse.misspelling import distance_of, nearest
from ncg_ray.errors import ConfigError, InfrastructureError, InputError

CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def record(name="shaky", identity="GHSA-aaaa-bbbb-cccc", events=({"introduced": "0"}, {"fixed": "2.0"}), **more):
    return {"id": identity, "summary": "It falls over", "aliases": ["CVE-2020-1"], "affected": [
        {"package": {"ecosystem": "PyPI", "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": list(events)}]}], **more}


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on `sys.path`, and what installs distributions into it."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))

    def install(name, version, *files, metadata=b""):
        info = folder / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_bytes(metadata or f"Name: {name}\nVersion: {version}\n".encode())
        (info / "RECORD").write_text("".join(f"{file},sha256=x,1\n" for file in files or (f"{name}/__init__.py",)))
    return install


def rules(code, **more):
    return [(found.rule, found.line) for found in dependencies.measure(code, **more)]


class TestImports:
    def test_everywhere_in_the_code(self):
        code = ("import a.b as c, d\nfrom e.f import g, h\nfrom . import i\nfrom .j import k\ndef f():\n    import l\n"
                "try:\n    import m\nexcept ImportError:\n    import n\n")
        found = imports.find(code)
        assert [(f.module, f.line) for f in found] == [
            ("a.b", 1), ("d", 1), ("e.f", 2), ("l", 6), ("m", 8), ("n", 10)]
        assert [f.module for f in found if f.guarded] == ["m"]
        assert found[2].names == ("e.f.g", "e.f.h", "e.f", "e")

    @pytest.mark.parametrize(("code", "names"), [
        ("import importlib\nimportlib.import_module('a.b')", ["importlib", "a.b"]),
        ("import importlib as il\nil.import_module('a')", ["importlib", "a"]),
        ("from importlib import import_module as load\nload('a')", ["importlib", "a"]), ("__import__('a')", ["a"]),
        ("import importlib\nimportlib.import_module('.a', 'b')", ["importlib"]), ("__import__(name)", []),
        ("other.import_module('a')", []), ("__import__('not a name')", []), ("__import__(1)", [])])
    def test_by_call(self, code, names):
        assert [found.module for found in imports.find(code)] == names


class TestKnown:
    def test_what_is_known(self, site):
        site("installed_here", "1.0")
        code = ("import os, installed_here, ours.part, yaml, cv2, google.cloud.storage\nfrom . import anything\n"
                "from declared import x\n")
        assert rules(code, local=frozenset({"ours"}), pins={"Declared": "1.0"}) == []

    def test_a_made_up_package(self):
        (found,) = dependencies.measure("import os\n\ndef f():\n    import frobnicator_pro.core\n")
        assert (found.rule, found.line, found.severity, found.cwe, found.kind, found.tool) == (
            "unknown-package", 4, "medium", "CWE-1357", "dependency", "dependencies")

    def test_under_a_guard_it_is_less_certain(self):
        code = "try:\n    import frobnicator_pro\nexcept (ImportError, OSError):\n    frobnicator_pro = None\n"
        (found,) = dependencies.measure(code)
        assert found.confidence == "low"
        assert dependencies.measure(code + "import frobnicator_pro\n")[0].confidence == "medium"

    def test_modules_of_python_2(self):
        (found,) = dependencies.measure("import urllib2\n")
        assert (found.rule, found.fix) == ("unknown-package", "use urllib.request")

    @pytest.mark.parametrize(("name", "meant"), [
        ("reqeusts", "requests"), ("request", "requests"), ("numpi", "numpy"), ("pandsa", "pandas"), ("ymal", "yaml"),
        ("tensorfow", "tensorflow"), ("mathplotlib", "matplotlib"), ("colections", "collections"), ("PyYAML", "yaml"),
        ("beautifulsoup4", "bs4"), ("scikit_learn", "sklearn"), ("opencv_python", "cv2"), ("cors_flask", "flask_cors"),
        ("Numpy", "numpy"), ("sentencetransformers", "sentence_transformers")])
    def test_misspelt(self, name, meant):
        (found,) = dependencies.measure(f"import {name}\n")
        assert (found.rule, found.severity, found.cwe, found.fix) == (
            "misspelt-package", "high", "CWE-1357", f"import {meant}")

    @pytest.mark.parametrize("name", ["utils", "tools", "parser", "abc_d", "inventory", "bank_account", "x", "my_module"])
    def test_not_misspelt(self, name):
        assert nearest(name) is None

    def test_distance(self):
        pairs = [("", ""), ("ab", "ba"), ("abc", "abd"), ("abc", "ab"), ("kitten", "sitting"), ("ca", "abc")]
        assert [distance_of(*pair) for pair in pairs] == [0, 1, 1, 1, 3, 3]

    def test_the_table_is_in_order(self):
        assert len(known_packages.SAME) + len(known_packages.OTHER) > 500
        names = known_packages.SAME | set(known_packages.OTHER)
        assert all(part.isidentifier() for name in names for part in name.split("."))
        assert all(distributions.normal(name) == name for name in known_packages.LICENCES)


class TestDistributions:
    def test_a_shared_namespace(self, site):
        site("acme_one", "1", "acme/one/__init__.py")
        site("acme_two", "2", "acme/two.py")

        def owner(code):
            return distributions.installed().of_import(imports.find(code)[0])
        assert owner("import acme.one.deep") == ("acme-one",) and owner("from acme import two") == ("acme-two",)
        assert owner("import acme") == ("acme-one", "acme-two") and owner("import acme.three") == ()

    def test_names_and_versions(self, site):
        site("Some_Thing", "1.5", "thing.py", "Some_Thing-1.5.dist-info/METADATA", "../bin/thing", metadata=b"\xff\xfe\x00")
        here = distributions.installed()
        assert here.modules["thing"] == ("some-thing",) and here.version("some-thing") == "1.5"
        assert here.modules["pytest"] == ("pytest",) and here.version("no-such") is None

    def test_they_agree_with_the_standard_library(self):
        from importlib import metadata
        theirs = {module: {distributions.normal(name) for name in names}
                  for module, names in metadata.packages_distributions().items()}
        ours = distributions.installed().modules
        assert all(set(ours.get(module, ())) >= names for module, names in theirs.items() if module.isidentifier())


class TestAdvisories:
    @pytest.mark.parametrize(("events", "version", "affected"), [
        ([{"introduced": "0"}, {"fixed": "2.0"}], "1.9", True), ([{"introduced": "0"}, {"fixed": "2.0"}], "2.0", False),
        ([{"introduced": "0"}, {"fixed": "2.0"}], "2.0rc1", True), ([{"introduced": "0"}], "99", True),
        ([{"introduced": "1.0"}, {"last_affected": "1.4"}], "1.4", True),
        ([{"introduced": "1.0"}, {"last_affected": "1.4"}], "1.4.1", False),
        ([{"fixed": "1.2"}, {"introduced": "1.0"}, {"introduced": "2.0"}, {"fixed": "2.1"}], "1.5", False),
        ([{"fixed": "1.2"}, {"introduced": "1.0"}, {"introduced": "2.0"}, {"fixed": "2.1"}], "2.0.5", True),
        ([{"introduced": "1.0"}, {"limit": "3.0"}], "3.1", False), ([{"introduced": "what"}], "1.0", False)])
    def test_ranges(self, events, version, affected):
        (advisory,) = of_record(record(events=events))
        assert advisory.affects(Version(version)) is affected

    def test_installed_and_pinned(self, site):
        site("shaky", "1.5+local")
        known = Advisories([*of_record(record("Shaky", severity=[{"type": "CVSS_V3", "score": CRITICAL}]))])
        (found,) = dependencies.measure("import os\nimport shaky.part\n", advisories=known)
        assert (found.rule, found.line, found.severity, found.kind) == ("GHSA-aaaa-bbbb-cccc", 2, "critical", "dependency")
        assert "CVE-2020-1" in found.message and found.fix == "use shaky 2.0 or later"
        assert rules("import shaky\n", advisories=known, pins={"shaky": "==2.0"}) == []
        assert rules("import shaky\n", advisories=known, pins={"SHAKY": "1.0"}) == [("GHSA-aaaa-bbbb-cccc", 1)]
        with pytest.raises(ConfigError, match="'>=2'"):
            dependencies.measure("import shaky\n", pins={"shaky": ">=2"})

    def test_versions_listed_withdrawn_other_ecosystems_and_aliases(self):
        listed = record(events=[])
        listed["affected"][0]["versions"] = ["1.0.0"]
        known = Advisories([*of_record(listed), *of_record(record(identity="PYSEC-1", aliases=["GHSA-aaaa-bbbb-cccc"])),
                            *of_record(record(identity="GHSA-w", aliases=[], withdrawn="2021-01-01T00:00:00Z"))])
        assert [a.id for a in known.match("shaky", "1.0")] == ["GHSA-aaaa-bbbb-cccc"]
        assert [a.id for a in known.match("shaky", "1.1")] == ["PYSEC-1"]
        npm = record()
        npm["affected"][0]["package"]["ecosystem"] = "npm"
        assert of_record(npm) == []

    def test_a_malicious_package_needs_no_version(self):
        known = Advisories(of_record(record("frobnicator-pro", "MAL-2024-1", aliases=[])))
        found = dependencies.measure("import frobnicator_pro\n", advisories=known)
        assert {(f.rule, f.severity) for f in found} == {("MAL-2024-1", "critical"), ("unknown-package", "medium")}

    def test_severity(self):
        assert [of_record(record(**more))[0].severity for more in (
            {"severity": [{"type": "CVSS_V3", "score": CRITICAL}], "database_specific": {"severity": "LOW"}},
            {"severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}], "database_specific": {"severity": "HIGH"}},
            {"database_specific": {"severity": "MODERATE"}}, {})] == ["critical", "high", "medium", "medium"]

    @pytest.mark.parametrize(("vector", "score"), [  # from FIRST's CVSS v3.1 examples
        (CRITICAL, 9.8), ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4), ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),
        ("CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8), ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9), ("CVSS:3.1/AV:N", None), ("", None)])
    def test_cvss(self, vector, score):
        assert cvss.base_score(vector) == score

    def test_a_file_a_folder_and_a_zip(self, tmp_path):
        folder = tmp_path / "osv"
        folder.mkdir()
        (folder / "one.json").write_text(json.dumps(record()))
        (folder / "list.json").write_text(json.dumps([record("other", "GHSA-2", aliases=[])]))
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            archive.write(folder / "one.json", "one.json")
            archive.write(folder / "list.json", "list.json")
        for source, number in ((folder, 2), (tmp_path / "all.zip", 2), (folder / "one.json", 1)):
            known = Advisories.read(source)
            assert len(known) == number and known.match("shaky", "1.0") and known.errors == ()

    @pytest.mark.parametrize("text", ["{", "[1]", '{"aliases": []}', '{"id": "X", "affected": [{"package": {"ecosystem": '
                                      '"PyPI"}}]}', '{"id": "X", "affected": 3}', '{"id": "X", "schema_version": "2.0"}'])
    def test_a_broken_file_is_named_and_the_others_are_used(self, tmp_path, text):
        (tmp_path / "broken.json").write_text(text)
        with pytest.raises(InputError, match=r"broken\.json"):
            Advisories.read(tmp_path / "broken.json")
        (tmp_path / "good.json").write_text(json.dumps(record()))
        known = Advisories.read(tmp_path)
        assert len(known) == 1 and "broken.json" in str(known.errors[0])

    def test_places_without_records(self, tmp_path):
        for place in (tmp_path, tmp_path / "no_such.json"):
            with pytest.raises(InputError, match=r"\.json"):
                Advisories.read(place)


class Service(http.server.BaseHTTPRequestHandler):
    """An OSV service with one record, in two pages."""

    def do_POST(self):
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {}
        if query["package"]["name"] == "shaky":
            answer = {"next_page_token": "2"} if "page_token" not in query else {"vulns": [record()]}
        elif query["package"]["name"] == "odd":
            answer = {"vulns": "none"}
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


class TestService:
    @pytest.fixture
    def url(self, tmp_path, monkeypatch):
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()
        server.server_close()

    def test_it_is_asked_in_pages(self, url):
        known = Advisories.online(url)
        pins = {"shaky": "1.0", "calm": "1.0"}
        assert rules("import calm, shaky\n", advisories=known, pins=pins) == [("GHSA-aaaa-bbbb-cccc", 1)]
        with pytest.raises(InfrastructureError, match="could not be asked"):
            Advisories.online(url).match("odd", "1.0")

    def test_silence_is_not_clean(self, url):
        known = Advisories.online("http://127.0.0.1:9/v1/query", timeout_s=1)
        (found,) = dependencies.measure("import pytest, packaging\n", advisories=known)
        assert found.rule == "advisories-not-asked" and "could not be asked" in found.message
        start = time.perf_counter()
        assert dependencies.measure("import numpy\n", advisories=known)[0].rule == "advisories-not-asked"
        assert time.perf_counter() - start < 0.5


class TestOddInput:
    def test_code_that_does_not_parse_and_empty_code(self):
        with pytest.raises(SyntaxError):
            dependencies.measure("import (\n")
        assert dependencies.measure("") == ()

    def test_many_unknown_names_and_a_line_of_a_megabyte(self):
        start = time.perf_counter()
        found = dependencies.measure("import " + ", ".join(f"unheard_of_{i}_x" for i in range(1000)) + "\n")
        dependencies.measure("x = '" + "a" * 1_000_000 + "'\n")
        assert len(found) == 1000 and time.perf_counter() - start < 3

    def test_it_is_fast_once_warm(self):
        code = "import numpy, pytest, reqeusts, yaml\n" + "def f(x):\n    return x * 2\n" * 28
        dependencies.measure(code)
        times = []
        for _ in range(5):
            start = time.perf_counter()
            dependencies.measure(code)
            times.append(time.perf_counter() - start)
        assert min(times) < 0.005
