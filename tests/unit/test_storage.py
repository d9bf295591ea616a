"""The store: whole files or none, the same from every reader, in a folder and behind a URL."""

import os
import threading
from dataclasses import replace

import pytest

from ncg_ray import storage
from ncg_ray.config import Config, StorageConfig, keys_path, storage_root
from ncg_ray.errors import ConfigError, InfrastructureError
from ncg_ray.types import Task, Trace

TRACE = Trace("0123456789abcdef" * 2, Task("Add."), "neural", None, note="no candidate was made")


@pytest.fixture(params=["folder", "file://"])
def uri(request, tmp_path):
    return str(tmp_path / "store") if request.param == "folder" else f"file://{tmp_path}/store"


def test_what_is_written_is_read_again(uri, tmp_path):
    storage.open_store(uri)
    storage.save_trace(TRACE, uri)
    assert storage.load_trace(TRACE.id, uri) == TRACE
    assert storage.read(uri, "policies/none.toml") is None
    place = storage.write(uri, "reports/deep/er.json", b"{}")
    assert storage.read(uri, "reports/deep/er.json") == b"{}" and place.endswith("reports/deep/er.json")
    assert sorted(os.listdir(tmp_path / "store")) == sorted(storage.FOLDERS)


@pytest.mark.parametrize("trace_id", ["", "..", "../" * 10 + "etc/passwd", "0" * 31, "0" * 32, "G" * 32, "a" * 32 + "\n"])
def test_an_id_that_is_not_there_or_no_id_is_none(trace_id, uri):
    assert storage.load_trace(trace_id, uri) is None


def test_a_broken_trace_is_our_failure(uri):
    storage.write(uri, f"traces/{TRACE.id}.json", b'{"id": 3}')
    with pytest.raises(InfrastructureError, match=TRACE.id):
        storage.load_trace(TRACE.id, uri)


def test_no_reader_ever_sees_half_a_file(tmp_path):
    uri, done = str(tmp_path), threading.Event()
    storage.write(uri, "reports/x", b"a" * 100_000)

    def write():
        for i in range(100):
            storage.write(uri, "reports/x", bytes([97 + i % 2]) * 100_000)
        done.set()

    threading.Thread(target=write).start()
    seen = set()
    while not done.is_set():
        data = storage.read(uri, "reports/x")
        assert len(data) == 100_000
        seen.add(bytes(set(data)))
    assert seen <= {b"a", b"b"} and os.listdir(tmp_path / "reports") == ["x"]


def test_a_full_disk_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch):
    storage.write(str(tmp_path), "reports/x", b"old")

    def full(*_):
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InfrastructureError, match="No space left"):
        storage.write(str(tmp_path), "reports/x", b"new")
    monkeypatch.undo()
    assert storage.read(str(tmp_path), "reports/x") == b"old" and os.listdir(tmp_path / "reports") == ["x"]


def test_a_place_that_cannot_be_is_the_configs_fault():
    for uri in ("/dev/null/store", "nope://store"):
        with pytest.raises(ConfigError, match=r"storage\.uri"):
            storage.open_store(uri)


def test_where_things_rest_by_default(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "etc"))
    assert storage_root(Config()) == str(tmp_path / "ncg_ray")
    assert storage_root(replace(Config(), storage=StorageConfig("s3://x"))) == "s3://x"
    assert keys_path(Config()) == tmp_path / "etc" / "ncg_ray" / "keys.json"
