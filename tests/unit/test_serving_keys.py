"""API keys: the file, and who comes in with and without them."""

from __future__ import annotations

import concurrent.futures
import json
import os
import stat

import pytest
from serving_app import CHAT, TASK, served

from ncg_ray.config import load
from ncg_ray.errors import ConfigError, InfrastructureError, InputError
from ncg_ray.serving import keys
from ncg_ray.serving.gate import is_loopback
from ncg_ray.serving.launch import check_access, check_port


class TestFile:
    def test_a_key_is_shown_once_and_kept_as_a_hash(self, tmp_path):
        path = tmp_path / "new" / "keys.json"
        first, second = keys.create(path, "laptop"), keys.create(path, "ci")
        assert first.startswith("ncg_") and len(first) == 47 and first != second
        assert [row["name"] for row in keys.listing(path)] == ["laptop", "ci"]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert first not in path.read_text() and keys.digest(first) in path.read_text()
        assert keys.listing(path)[0]["created"].endswith("+00:00")
        assert [name for name in os.listdir(path.parent) if not name.endswith(".lock")] == ["keys.json"]

    def test_revoked_is_gone_and_its_name_free(self, tmp_path):
        path = tmp_path / "keys.json"
        key = keys.create(path, "laptop")
        ring = keys.KeyRing(path)
        assert ring.owner(key) == "laptop"
        keys.revoke(path, "laptop")
        assert ring.owner(key) is None and ring.required(), "an empty file keeps the door shut"
        assert keys.create(path, "laptop") != key

    def test_a_server_sees_every_change(self, tmp_path):
        ring = keys.KeyRing(tmp_path / "keys.json")
        assert not ring.required()
        key = keys.create(tmp_path / "keys.json", "a")
        assert ring.required() and ring.owner(key) == "a"
        (tmp_path / "keys.json").unlink()
        assert ring.required() and ring.owner(key) is None, "a file that is lost opens nothing"

    @pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "../x", "x" * 65, "-x", "a\n", "\0"])
    def test_a_name_is_a_plain_word(self, tmp_path, name):
        with pytest.raises(InputError, match="key name"):
            keys.create(tmp_path / "keys.json", name)

    def test_what_is_not_there_and_what_is_there_twice(self, tmp_path):
        path = tmp_path / "keys.json"
        assert keys.listing(path) == []
        with pytest.raises(InputError, match="does not exist"):
            keys.revoke(path, "a")
        keys.create(path, "a")
        with pytest.raises(InputError, match="revoke it first"):
            keys.create(path, "a")
        with pytest.raises(InputError, match="known: a"):
            keys.revoke(path, "b")

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"keys": 3}', '{"keys": [{}]}', '{"keys": [3]}', "[" * 99_999,
                                      "\udcff"])
    def test_a_damaged_file_is_an_error_and_lets_nobody_in(self, tmp_path, text):
        path = tmp_path / "keys.json"
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
        with pytest.raises(ConfigError, match=r"keys\.json"):
            keys.listing(path)
        with pytest.raises(InfrastructureError, match="keys file"):
            keys.KeyRing(path)

    def test_a_place_that_cannot_be_written(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(InputError, match="cannot write"):
            keys.create(tmp_path / "file" / "keys.json", "a")

    def test_writers_do_not_lose_each_other_s_keys(self, tmp_path):
        path = tmp_path / "keys.json"
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda i: keys.create(path, f"key-{i}"), range(24)))
        ring = keys.KeyRing(path)
        assert sorted(map(ring.owner, made)) == sorted(f"key-{i}" for i in range(24))


class TestRequests:
    async def test_with_keys_everything_but_probes_needs_one(self, tmp_path):
        key = keys.create(tmp_path / "keys.json", "laptop")
        async with served(tmp_path, client="203.0.113.9", host="example.org", listens_on="0.0.0.0") as (http, _):
            for header in ({}, {"authorization": "Bearer"}, {"authorization": f"Basic {key}"}, {"authorization": key}):
                answer = await http.post("/v1/generate", json=TASK, headers=header)
                assert (answer.status_code, answer.json()["error"]["type"]) == (401, "missing_key")
                assert answer.headers["www-authenticate"] == "Bearer"
            for wrong in ("ncg_wrong", key[:-1], key + "x", "é" * 40, "x" * 5000):
                answer = await http.get("/v1/models", headers={"authorization": f"Bearer {wrong}".encode()})
                assert (answer.status_code, answer.json()["error"]["code"]) == (401, "wrong_key")
                assert answer.json()["error"]["type"] == "authentication_error" and wrong not in answer.text
            assert (await http.get("/v1/traces/" + "0" * 32)).status_code == 401
            assert (await http.get("/nowhere")).status_code == 401
            good = {"authorization": f"bearer {key}"}
            assert (await http.post("/v1/generate", json=TASK, headers=good)).status_code == 200
            assert (await http.post("/v1/chat/completions", json=CHAT, headers=good)).status_code == 200
            assert (await http.get("/healthz")).json() == {"status": "alive"}
            assert (await http.get("/readyz")).json() == {"ready": True}
            assert (await http.get("/readyz", headers=good)).json() == {"ready": True, "notes": []}
            keys.revoke(tmp_path / "keys.json", "laptop")
            assert (await http.post("/v1/generate", json=TASK, headers=good)).status_code == 401

    @pytest.mark.parametrize("more", [
        {"client": "203.0.113.9"}, {"client": "192.168.1.7"}, {"host": "evil.example"}, {"host": "127.0.0.1.evil.example"},
        {"listens_on": "0.0.0.0"}, {"listens_on": "::"}, {"listens_on": ""}, {"listens_on": "10.0.0.1"}])
    async def test_without_keys_only_this_machine_comes_in(self, tmp_path, more):
        async with served(tmp_path, **more) as (http, _):
            for method, path in [("POST", "/v1/generate"), ("GET", "/v1/models"), ("GET", "/v1/traces/" + "0" * 32)]:
                answer = await http.request(method, path)
                assert answer.status_code == 403 and "ncg keys create" in answer.json()["error"]["message"]
            assert (await http.get("/healthz")).status_code == 200
            assert (await http.get("/readyz")).json() == {"ready": True}

    @pytest.mark.parametrize("more", [
        {}, {"client": "127.0.0.3", "host": "127.0.0.1"}, {"client": "::1", "host": "[::1]:80"},
        {"listens_on": "localhost", "host": "LOCALHOST"}])
    async def test_this_machine(self, tmp_path, more):
        async with served(tmp_path, **more) as (http, _):
            assert (await http.post("/v1/generate", json=TASK)).status_code == 200

    async def test_a_damaged_keys_file_lets_nobody_in(self, tmp_path):
        key = keys.create(tmp_path / "keys.json", "laptop")
        async with served(tmp_path) as (http, _):
            (tmp_path / "keys.json").write_text("{")
            answer = await http.post("/v1/generate", json=TASK, headers={"authorization": f"Bearer {key}"})
            assert answer.status_code == 503 and "damaged" in answer.text
            assert (await http.get("/healthz")).status_code == 200


class TestStart:
    def config(self, folder, *sets):
        return load(sets=[f"serve.keys_file={folder}/keys.json", *sets])

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.org", ""])
    def test_another_address_needs_keys(self, tmp_path, host):
        config = self.config(tmp_path, f'serve.host="{host}"')
        with pytest.raises(ConfigError, match="ncg keys create"):
            check_access(config)
        keys.create(tmp_path / "keys.json", "laptop")
        assert check_access(config) == "keys of laptop"
        keys.revoke(tmp_path / "keys.json", "laptop")
        with pytest.raises(ConfigError, match="holds no key"):
            check_access(config)

    def test_loopback_needs_none_and_says_so(self, tmp_path):
        assert "this machine only" in check_access(self.config(tmp_path))
        assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost")))
        assert not any(map(is_loopback, ("", "0.0.0.0", "::", "localhost.evil", "127.0.0.1.evil", "0x7f.1", "example.org")))

    def test_a_port_in_use_is_named(self, tmp_path):
        import socket

        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(ConfigError, match=rf"serve\.port = {port}.*another program"):
                check_port(self.config(tmp_path, f"serve.port={port}"))
        check_port(self.config(tmp_path, f"serve.port={port}"))

    def test_an_address_of_another_machine_is_named(self, tmp_path):
        with pytest.raises(ConfigError, match="an address of this machine"):
            check_port(self.config(tmp_path, "serve.host=203.0.113.9"))


def test_the_file_is_json_that_people_can_read(tmp_path):
    keys.create(tmp_path / "keys.json", "laptop")
    data = json.loads((tmp_path / "keys.json").read_text())
    assert data["version"] == 1 and set(data["keys"][0]) == {"name", "sha256", "created"}
