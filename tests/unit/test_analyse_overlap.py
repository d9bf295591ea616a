"""Winnowing on real code: what is copied is found, what is common is not."""

from __future__ import annotations

import inspect
import random
import shutil
import subprocess
import sys
import textwrap
import time

import pytest

from ncg_ray.analyse.overlap import Fingerprints
from ncg_ray.errors import ConfigError, InputError
from ncg_ray.types import Snippet

SOURCE = inspect.getsource(textwrap)
HEAP = Snippet(inspect.getsource(shutil.copytree), "shutil.py", "PSF-2.0")


def index(*snippets: Snippet) -> Fingerprints:
    return Fingerprints(snippets)


class TestMatch:
    def test_spans_share_source_and_licence(self):
        code = "x = 1\n\n" + HEAP.code + "\ny = 2\n"
        (found,) = index(Snippet(SOURCE, "textwrap.py", None), HEAP).match(code)
        lines = len(HEAP.code.splitlines())
        assert (found.source, found.licence) == ("shutil.py", "PSF-2.0")
        assert (found.first_line, found.last_line) == (3, lines + 2)
        assert (found.source_first_line, found.source_last_line) == (1, lines)
        assert 0.8 < found.share < 1 and found.num_tokens > 80

    def test_layout_and_comments_do_not_hide_a_copy_but_other_names_do(self):
        body = "\n".join(f"    total = total + items[{i}] * weights[{i}] - offset({i}, base)" for i in range(8))
        theirs = index(Snippet(f"def f(items, weights, base):\n    total = 0\n{body}\n    return total\n", "a.py", "MIT"))
        mine = "class C:\n    def f(items, weights, base):  # mine!\n        total = 0\n" + textwrap.indent(body, "      ")
        assert len(theirs.match(mine.replace(" * ", "*") + "\n")) == 1
        assert theirs.match(mine.replace("total", "amount").replace("offset", "shift")) == ()

    def test_every_run_of_the_minimum_length_is_found_and_none_below(self):
        random.seed(1)
        words = [f"name{random.randrange(10**6)}" for _ in range(4000)]
        source = Snippet("\n".join(words), "words.py", None)
        prints = index(source)
        for _ in range(25):
            start, before = random.randrange(3900), random.randrange(50)
            for length, hits in ((40, 1), (39, 0)):
                code = "\n".join([f"p{i}" for i in range(before)] + words[start:start + length] + ["q", "r"])
                assert len(prints.match(code)) == hits
                if hits:
                    assert prints.match(code)[0].first_line == before + 1

    def test_common_idioms_and_tables_do_not_match(self):
        idiom = 'import sys\n\n\ndef main():\n    pass\n\n\nif __name__ == "__main__":\n    sys.exit(main())\n'
        assert index(Snippet(idiom, "a.py", "GPL-3.0-only")).match(idiom) == ()
        table = "t = [" + "0, " * 500 + "]\n"
        assert index(Snippet(table, "a.py", "GPL-3.0-only")).match("u = [" + "0, " * 500 + "]\n") == ()

    def test_fragments_and_other_languages_compare(self):
        fragment = textwrap.dedent(HEAP.code)[200:-7]
        assert index(HEAP).match(fragment)
        script = "function f(a) { return a.map((x) => x * 2).filter((y) => y > 3).reduce((p, q) => p + q, 0); }\n" * 2
        assert index(Snippet(script, "f.js", "MIT")).match("// mine\n" + script)

    def test_nothing_in_nothing(self):
        assert index().match(SOURCE) == index(HEAP).match("") == index(Snippet("", "a", None)).match("") == ()
        assert len(index(Snippet("x = 1\n", "a", None))) == 0


class TestFile:
    def test_saved_and_loaded_it_says_the_same(self, tmp_path):
        prints = index(HEAP, Snippet(SOURCE, "téxtwrap.py", None))
        prints.save(tmp_path / "index.jsonl")
        again = Fingerprints.load(tmp_path / "index.jsonl")
        assert again.match(SOURCE) == prints.match(SOURCE) != ()
        assert again.match(HEAP.code) == prints.match(HEAP.code) and len(again) == 2
        assert [path.name for path in tmp_path.iterdir()] == ["index.jsonl"]

    def test_hashes_are_the_same_in_another_process(self, tmp_path):
        index(HEAP).save(tmp_path / "here.jsonl")
        (tmp_path / "code.py").write_text(HEAP.code)
        code = ("import sys; from ncg_ray.analyse.overlap import Fingerprints; from ncg_ray.types import Snippet\n"
                "Fingerprints([Snippet(open(sys.argv[1]).read(), 'shutil.py', 'PSF-2.0')]).save(sys.argv[2])")
        subprocess.run([sys.executable, "-c", code, tmp_path / "code.py", tmp_path / "there.jsonl"], check=True)
        assert (tmp_path / "here.jsonl").read_bytes() == (tmp_path / "there.jsonl").read_bytes()

    @pytest.mark.parametrize(("text", "line"), [
        ("", 1), ("not json\n", 1), ('{"format": "other", "version": 1, "min_tokens": 40}\n', 1), ("[1]\n", 1),
        ('{"format": "ncg_ray fingerprints", "version": 1, "min_tokens": 40}\n{"source": "a"}\n', 2),
        ('{"format": "ncg_ray fingerprints", "version": 1, "min_tokens": 40}\n'
         '{"source": "a", "licence": null, "tokens": "AAAAAAAAAAA=", "lines": ""}\n', 2)])
    def test_a_file_that_is_none_is_named_with_the_line(self, tmp_path, text, line):
        (tmp_path / "index.jsonl").write_text(text)
        with pytest.raises(InputError, match=rf"index\.jsonl', line {line}:.*index the code again"):
            Fingerprints.load(tmp_path / "index.jsonl")

    def test_places_that_are_not_there(self, tmp_path):
        with pytest.raises(InputError, match="no_such"):
            Fingerprints.load(tmp_path / "no_such")
        with pytest.raises(InputError, match="no_such"):
            index().save(tmp_path / "no_such" / "index.jsonl")

    def test_too_short_a_minimum(self):
        with pytest.raises(ConfigError, match="min_tokens = 5"):
            Fingerprints(min_tokens=5)


class TestSpeed:
    def test_repetition_and_long_lines_stay_cheap(self):
        start = time.perf_counter()
        periodic = "x = [" + "a, b, c, d, e, f, g, h, " * 800 + "]\n"
        index(*[Snippet(periodic, f"{i}.py", None) for i in range(3)]).match(periodic)
        index(HEAP).match("x = '" + "a" * 1_000_000 + "'\n")
        assert time.perf_counter() - start < 3
