"""Corpora: files, documents, the manifest and packing."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncg_ray.config import DataConfig
from ncg_ray.corpus import Document, Manifest, Row, documents_of, drop_duplicates, list_files, pack
from ncg_ray.errors import InputError

CODE = "def f(x):\n    return x + 1\n"


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(CODE)
    return root


def jsonl(*rows: object, **knobs: object) -> list[Document]:
    data = "\n".join(json.dumps(row) for row in rows).encode()
    return documents_of("rows.jsonl", data, DataConfig(**knobs))


def only(data: bytes, **knobs: object) -> Document:
    document, = documents_of("a.py", data, DataConfig(**knobs))
    return document


# --- files --------------------------------------------------------------------------------------------------


def test_files_of_a_folder_are_sorted_and_hidden_and_installed_ones_are_left_out(tmp_path):
    tree(tmp_path, "b.py", "a/z.py", "a/rows.jsonl", ".git/hook.py", ".hidden.py", "a/__pycache__/c.py", "notes.txt",
         "env/pyvenv.cfg", "env/lib/torch.py")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere.py")
    assert [str(f.relative_to(tmp_path)) for f in list_files(tmp_path)] == ["a/rows.jsonl", "a/z.py", "b.py"]


def test_a_link_in_a_circle_ends(tmp_path):
    tree(tmp_path, "a/x.py")
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert len(list_files(tmp_path)) == 1


def test_one_file_is_itself_wherever_it_lies(tmp_path):
    tree(tmp_path, ".hidden/a.py")
    assert list_files(tmp_path / ".hidden" / "a.py") == [tmp_path / ".hidden" / "a.py"]


@pytest.mark.parametrize("name,words", [("", "is empty"), ("nowhere", "'nowhere' is not there"),
                                        ("bare", "'bare' has no .py or .jsonl file"),
                                        ("notes.txt", "'notes.txt' is neither Python source nor JSONL")])
def test_a_path_without_data_is_named_with_the_mend(tmp_path, monkeypatch, name, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bare").mkdir()
    (tmp_path / "notes.txt").write_text("words")
    with pytest.raises(InputError, match=r"give data\.path") as caught:
        list_files(name)
    assert words in caught.value.message


# --- documents ----------------------------------------------------------------------------------------------


def test_a_python_file_is_one_document():
    document = only(CODE.encode(), validation_share=0.0)
    assert document == Document("a.py", CODE, hashlib.sha256(CODE.encode()).hexdigest(), "train")


def test_line_ends_and_a_byte_order_mark_do_not_make_another_document():
    assert only(b"\xef\xbb\xbf" + CODE.replace("\n", "\r\n").encode()).sha256 == only(CODE.encode()).sha256


@pytest.mark.parametrize("data,why", [
    (b"x = '\xff'\n", "not UTF-8"), (b"x = 1\0\n", "NUL bytes"), (b"", "empty"), (b" \n\n", "empty"),
    (b"# only words\n", "empty"), (b"def f(:\n", "does not parse"), (b"print 'python 2'\n", "does not parse"),
    (b"x = " + b"(" * 5000 + b")" * 5000, "does not parse"), (b"x = " + b"-" * 100_000 + b"1", "does not parse"),
    (b"x = 1\n" * 400, "larger than 2 KiB")])
def test_what_is_left_out_says_why(data, why):
    limit = 2 if "larger" in why else 512
    document = only(data, max_file_kb=limit)
    assert (document.dropped, document.text) == (why, "")


@pytest.mark.filterwarnings("error")
def test_warnings_of_the_code_that_is_read_stay_quiet():
    assert only(b"pattern = '\\d'\nassert (1, 'always true')\n").dropped == ""


def test_rows_are_named_by_line_and_keys_are_tried_in_order():
    data = b'{"text": "a = 1"}\n\n{"content": "b = 1"}\r\n{"code": "c = 1"}\n'
    documents = documents_of("d/rows.jsonl", data, DataConfig())
    assert [(d.source, d.text) for d in documents] == [
        ("d/rows.jsonl:1", "a = 1"), ("d/rows.jsonl:3", "b = 1"), ("d/rows.jsonl:4", "c = 1")]


def test_the_first_key_that_is_python_is_taken():
    mbpp, = jsonl({"text": "Write a function to add one.", "code": CODE, "test_list": ["assert f(1) == 2"]})
    assert mbpp.text == CODE


def test_text_key_is_the_only_key_where_it_is_given():
    found, missing = jsonl({"text": "a = 1", "source": CODE}, {"text": "a = 1"}, text_key="source")
    assert (found.text, missing.dropped) == (CODE, "no text under source")


def test_a_body_gets_its_prompt_and_a_whole_solution_stands_alone():
    head = 'def f(x):\n    """One more."""\n'
    body, whole = jsonl({"prompt": head, "canonical_solution": "    return x + 1\n", "entry_point": "f"},
                        {"prompt": head, "canonical_solution": CODE, "entry_point": "f"})
    assert (body.text, whole.text) == (head + "    return x + 1\n", CODE)


@pytest.mark.parametrize("line,why", [
    (b"[1, 2]", "not a JSON object"), (b"{", "not JSON"), (b"[" * 100_000, "not JSON"), (b'{"text": "\xff"}', "not UTF-8"),
    (b'{"words": "x = 1"}', "no text under text, content, code, canonical_solution"), (b'{"text": 7}', "no text under"),
    (b'{"text": "x = \\"\\ud800\\""}', "not UTF-8"), (b'{"text": ""}', "empty"), (b'{"text": "a b"}', "does not parse")])
def test_a_bad_row_is_left_out_and_the_others_stay(line, why):
    bad, good = documents_of("rows.jsonl", line + b'\n{"text": "x = 1"}\n', DataConfig())
    assert bad.dropped.startswith(why) and not good.dropped


def test_a_file_without_rows_is_counted():
    assert [d.dropped for d in documents_of("rows.jsonl", b"\n\n", DataConfig())] == ["empty"]


@given(st.binary(max_size=200))
def test_any_bytes_give_documents(data):
    for name in ("a.py", "a.jsonl"):
        for document in documents_of(name, data, DataConfig()):
            assert bool(document.text) != bool(document.dropped)


def test_the_split_is_the_texts_own_and_near_its_share():
    documents = jsonl(*({"text": f"x = {i}"} for i in range(2000)), validation_share=0.1)
    held_out = {d.text for d in documents if d.split == "validation"}
    assert 140 < len(held_out) < 260
    again = jsonl(*({"text": f"x = {i}"} for i in reversed(range(1000))), validation_share=0.1)
    assert {d.text for d in again if d.split == "validation"} == {t for t in held_out if int(t[4:]) < 1000}


# --- manifest -----------------------------------------------------------------------------------------------


def rows(*documents: Document) -> list[Row]:
    return [Row(d.source, d.sha256, d.split, d.dropped, len(d.text)) for d in documents]


def test_duplicates_are_dropped_whatever_the_order():
    every = rows(*jsonl({"text": "x = 1"}, {"text": "x = 2"}, {"text": "x = 1"}, {"text": "x ="}, {"text": "x ="}))
    kept = drop_duplicates(every)
    assert [row.dropped for row in kept] == ["", "", "duplicate", "does not parse", "does not parse"]
    for seed in range(5):
        shuffled = random.Random(seed).sample(every, len(every))
        assert drop_duplicates(shuffled) == drop_duplicates(kept) == kept


def test_a_manifest_counts_and_names_the_data():
    documents = [*jsonl({"text": "x = 1"}, {"text": "x = 1"}, {"text": "x ="}, validation_share=0.0),
                 *documents_of("b.py", b"y = 22", DataConfig(validation_share=0.0))]
    manifest = Manifest.of("corpus", rows(*documents))
    hashes = sorted(hashlib.sha256(text).hexdigest() for text in (b"x = 1", b"y = 22"))
    assert manifest.to_json() == {
        "path": "corpus", "files": 2, "documents": 4, "kept": 2, "splits": {"train": 2, "validation": 0},
        "dropped": {"duplicate": 1, "does not parse": 1}, "chars": 11,
        "sha256": hashlib.sha256("\n".join(hashes).encode()).hexdigest()}
    manifest.check()
    assert manifest.text() == ("2 of 4 documents kept (2 train, 0 validation); left out: 1 duplicate, 1 does not parse")


def test_the_identity_follows_the_texts_and_not_the_names():
    one = Manifest.of("a", rows(*documents_of("a.py", CODE.encode(), DataConfig())))
    assert one.sha256 == Manifest.of("b", rows(*documents_of("z/b.py", CODE.encode(), DataConfig()))).sha256
    assert one.sha256 != Manifest.of("a", rows(*documents_of("a.py", b"x = 1", DataConfig()))).sha256


def test_nothing_left_to_train_on_says_how_that_came():
    broken = Manifest.of("corpus", rows(*jsonl({"text": "x ="}, {"text": "y ="}, {"text": ""})))
    with pytest.raises(InputError, match=r"'corpus' has no document to train on: 0 of 3 .*2 does not parse, 1 empty; give "
                                         r"data\.path Python source that parses"):
        broken.check()
    held_out = next(d for d in jsonl(*({"text": f"x = {i}"} for i in range(50)), validation_share=0.5)
                    if d.split == "validation")
    with pytest.raises(InputError, match=r"data\.validation_share=0"):
        Manifest.of("corpus", rows(held_out)).check()
    with pytest.raises(InputError, match="0 of 0"):
        Manifest.of("corpus", []).check()


# --- packing ------------------------------------------------------------------------------------------------

EOS = 99
tokens = st.lists(st.lists(st.integers(0, 50), max_size=12), max_size=12)


@given(tokens, st.integers(1, 10))
def test_packing_loses_only_the_end_and_all_sequences_are_equally_long(token_lists, length):
    stream = [token for tokens in token_lists if tokens for token in [*tokens, EOS]]
    packed = pack(token_lists, length, EOS)
    flat = [token for sequence in packed for token in sequence]
    assert flat == stream[:len(flat)]
    if len(stream) < length:
        assert packed == ([stream] if stream else [])
    else:
        assert len(stream) - len(flat) < length and {len(sequence) for sequence in packed} == {length}


def test_a_length_below_one_is_refused():
    with pytest.raises(ValueError, match="sequence_tokens is 0"):
        pack([[1]], 0, EOS)
