"""The local head without Ray: its token, ports, state file and the clearing away of what an earlier one left."""

from __future__ import annotations

import http.server
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from ncg_ray.actors import family, head, provision
from ncg_ray.actors.head import Head
from ncg_ray.config import RayConfig
from ncg_ray.errors import ClusterError, ConfigError, InputError

SLEEPER = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[1:] else signal.SIG_DFL); " \
          "print('up', flush=True); time.sleep(60)"


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_AUTH_MODE", "XDG_STATE_HOME", family.MARK):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(provision.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(provision, "LONGEST_TEMP_PATH", 1000)
    return tmp_path


@pytest.fixture
def made(tmp_path):
    """A head that is only on paper: a folder and a state file, without processes."""
    folder = tmp_path / f"{head.PREFIX}x"
    folder.mkdir()
    (folder / "head.log").write_text("one\n\ntwo\n")
    [port, dashboard] = [provision.free_port([]) for _ in range(2)]
    result = Head(f"127.0.0.1:{port}", f"http://127.0.0.1:{dashboard}", str(folder), 2, "", "2026-01-01T00:00:00+00:00")
    head._state_path().parent.mkdir(parents=True)
    head._save(result)
    return result


@pytest.fixture
def sleeper():
    """Starts processes that a head might have; all are dead in the end."""
    started = []

    def start(*argv, **env):
        process = subprocess.Popen([sys.executable, "-c", SLEEPER, *argv], env={**os.environ, **env}, text=True,
                                   stdout=subprocess.PIPE)
        assert process.stdout.readline() == "up\n"
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def entry(process):
    return family.entry(psutil.Process(process.pid))


# --- the token ----------------------------------------------------------------------------------------------


def test_a_token_is_made_for_this_user_alone_and_stays(home):
    path = Path(provision.token_path())
    assert path == home / ".ray" / "auth_token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    token = path.read_text()
    assert len(token) == 64
    assert provision.token_path() == str(path) and path.read_text() == token
    assert [file.name for file in path.parent.iterdir()] == ["auth_token"]


def test_a_token_that_others_can_read_is_closed_to_them(home):
    path = Path(provision.token_path())
    path.chmod(0o644)
    provision.token_path()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_ray_s_own_variables_come_first(home, monkeypatch):
    other = home / "other"
    other.write_text("secret")
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(other))
    assert provision.token_path() == str(other)
    monkeypatch.setenv("RAY_AUTH_TOKEN", "secret")
    assert provision.token_path() == ""
    assert not (home / ".ray").exists()


def test_a_token_in_the_environment_is_not_written_down(home, monkeypatch, made):
    monkeypatch.setenv("RAY_AUTH_TOKEN", "very-secret")
    assert "very-secret" not in head._state_path().read_text()
    assert "RAY_AUTH_TOKEN_PATH" not in made.environment()
    assert head._read_token(made) == "very-secret"


@pytest.mark.parametrize("content,words", [(None, "RAY_AUTH_TOKEN_PATH"), (" \n", "empty"), (b"\xff\xfe", "not text")])
def test_a_token_file_that_holds_none_is_bad_input(home, monkeypatch, content, words):
    path = home / "token"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(path))
    with pytest.raises(InputError, match=words) as caught:
        head.start(RayConfig())
    assert str(path) in caught.value.message


def test_authentication_cannot_be_switched_off(monkeypatch):
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    with pytest.raises(InputError, match=r"'disabled'.*unset RAY_AUTH_MODE"):
        head.start(RayConfig())


def test_a_folder_is_closed_to_others_and_short(home, monkeypatch):
    folder = Path(provision.short_folder("x-"))
    assert folder.parent == home and stat.S_IMODE(folder.stat().st_mode) == 0o700
    monkeypatch.setattr(provision, "LONGEST_TEMP_PATH", 1)
    short = Path(provision.short_folder("x-"))
    short.rmdir()
    assert short.parent == Path("/tmp")


# --- ports --------------------------------------------------------------------------------------------------


def test_usual_ports_are_taken_where_they_are_free_and_others_where_not():
    usual = provision.free_port([])
    assert provision.ports(("port", None, usual)) == [usual]
    with socket.create_server(("127.0.0.1", usual)):
        [port] = provision.ports(("port", None, usual))
        assert port != usual and provision.is_free(port)
    with socket.create_server(("0.0.0.0", usual)):
        assert not provision.is_free(usual)
    assert len(set(provision.ports(("port", None, usual), ("dashboard port", None, usual)))) == 2


@pytest.mark.parametrize("name", ["port", "dashboard_port"])
def test_a_port_in_use_is_bad_input_that_names_it(name):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(InputError, match=f"{name.replace('_', ' ')} {port} is in use; give another one") as caught:
            head.start(RayConfig(), **{name: port})
    assert caught.value.exit_code == 2
    assert head._load() is None


@pytest.mark.parametrize("port", [0, 80, 65536, -1])
def test_a_port_out_of_range_is_bad_input(port):
    with pytest.raises(InputError, match=f"port {port}: a TCP port from 1024 to 65535"):
        head.start(RayConfig(), port=port)


def test_one_port_for_both_is_bad_input():
    port = provision.free_port([])
    with pytest.raises(InputError, match=f"dashboard port {port} is in use"):
        head.start(RayConfig(), port=port, dashboard_port=port)


# --- the state file -----------------------------------------------------------------------------------------


def test_the_state_file_reads_back_and_follows_xdg(home, monkeypatch, made):
    assert head._load() == made
    assert (home / ".local" / "state" / "ncg_ray" / "cluster.json").exists()
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "elsewhere"))
    assert head._load() is None and head.stop() is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"address": 1}', '{"processes": [[1]]}'])
def test_a_broken_state_file_is_no_head(made, text):
    head._state_path().write_text(text)
    assert head.status() is None and head.stop() is None


def test_a_state_folder_that_cannot_be_made_is_bad_input(home, monkeypatch):
    (home / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "file"))
    with pytest.raises(ConfigError, match="XDG_STATE_HOME"):
        head.stop()


def test_a_recycled_pid_is_not_ours(made, sleeper):
    stranger = sleeper()
    pid, created = entry(stranger)
    head._save(replace(made, processes=((pid, created - 100.0),)))
    assert head.status() is None
    assert head.stop() is not None
    assert stranger.poll() is None, "a process of somebody else was killed"
    assert not Path(made.temp_dir).exists() and head._load() is None


def test_the_dead_are_not_alive(made, sleeper):
    process = sleeper()
    head._save(replace(made, processes=(entry(process),)))
    assert head.status() == head._load()
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, but a zombie until it is waited for
    assert head.status() is None
    process.wait()
    assert head.status() is None


# --- stop ---------------------------------------------------------------------------------------------------


def test_stop_ends_what_it_recorded_and_what_bears_the_mark_and_nobody_else(made, sleeper, monkeypatch):
    monkeypatch.setattr(family, "PATIENCE_S", 0.2)
    holder, stubborn, marked = sleeper(), sleeper("stubborn"), sleeper("stubborn", NCG_RAY_HEAD=made.temp_dir)
    strangers = sleeper(), sleeper(NCG_RAY_HEAD=made.temp_dir + "y")
    head._save(replace(made, processes=(entry(holder), entry(stubborn))))
    stopped = head.stop()
    assert stopped is not None and stopped.address == made.address
    assert all(process.poll() is not None for process in (holder, stubborn, marked))
    assert all(process.poll() is None for process in strangers)
    assert not Path(made.temp_dir).exists() and head._load() is None
    assert head.stop() is None


def test_stop_inside_one_of_its_jobs_is_bad_input(made, monkeypatch):
    monkeypatch.setenv(family.MARK, made.temp_dir)
    with pytest.raises(InputError, match="stop it from outside"):
        head.stop()
    assert head._load() == made and Path(made.temp_dir).exists()


def test_a_folder_that_is_not_a_head_s_is_never_removed(made, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    head._save(replace(made, temp_dir=str(precious)))
    head.stop()
    assert precious.exists()


def test_a_start_that_was_killed_is_cleared_away_by_the_next(made, sleeper, monkeypatch):
    half = sleeper(NCG_RAY_HEAD=made.temp_dir)  # the state file was written before its pid was known
    monkeypatch.setattr(head, "_start", lambda new, deadline: new)
    notes = []
    new = head.start(RayConfig(num_cpus=1), on_event=notes.append)
    assert half.poll() is not None
    assert not Path(made.temp_dir).exists() and Path(new.temp_dir).exists()
    assert [note["text"] for note in notes] == [f"cleared away what an earlier cluster left in {made.temp_dir}",
                                                f"starting a local cluster at {new.address}"]


# --- start --------------------------------------------------------------------------------------------------


@pytest.fixture
def dashboard(made):
    """An HTTP server that answers as a dashboard does; what it answers can be changed."""
    answers = {"/api/version": "{}", "/api/jobs/": "[]",
               "/nodes?view=summary": json.dumps({"data": {"summary": [{"raylet": {"state": "ALIVE"}}]}})}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            right = self.headers["Authorization"] == "Bearer right"
            body = answers[self.path] if right else "Forbidden"
            self.send_response(200 if right else 403)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args):
            pass

    port = int(made.dashboard_url.rpartition(":")[2])
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield answers
        server.shutdown()


def test_it_answers_when_a_node_is_there_and_the_token_is_right(made, dashboard, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "right")
    assert made.answers()
    dashboard["/nodes?view=summary"] = '{"data": {"summary": []}}'
    assert head._ask(made) == "no node has registered"
    dashboard["/nodes?view=summary"] = "<html>"
    assert not made.answers()
    monkeypatch.setenv("RAY_AUTH_TOKEN", "wrong")
    assert head._ask(made) == "/api/version answers 403 Forbidden"


def test_a_second_start_gives_back_the_first(made, dashboard, sleeper, monkeypatch):
    monkeypatch.setenv("RAY_AUTH_TOKEN", "right")
    running = replace(made, is_ready=True, processes=(entry(sleeper()),))
    head._save(running)
    notes = []
    assert head.start(RayConfig(num_cpus=2), on_event=notes.append) == running
    assert notes == [{"event": "note", "text": f"a local cluster runs already at {made.address}"}]
    with pytest.raises(InputError, match=r"with 2 CPUs and not 3; stop it first: ncg cluster stop"):
        head.start(RayConfig(num_cpus=3))
    with pytest.raises(InputError, match=r"with port \d+ and not 7777"):
        head.start(RayConfig(), port=7777)
    monkeypatch.setenv("RAY_AUTH_TOKEN", "wrong")  # a cluster with jobs must not die because somebody mistook the token
    with pytest.raises(ClusterError, match=r"does not answer .*403.* ncg cluster stop"):
        head.start(RayConfig())
    assert head.status() == running


@pytest.mark.parametrize("code,timeout_s,words", [
    ("import sys; sys.exit('no space left on device')", 30, "did not start: no space left on device"),
    ("import time; print('starting', flush=True); time.sleep(60)", 1.0, "did not answer in time .* ends: starting"),
    ("pass", 30, "did not start: its log is empty"),
])
def test_a_head_that_does_not_come_up_says_why_and_leaves_nothing(monkeypatch, tmp_path, code, timeout_s, words):
    started = []
    monkeypatch.setattr(head, "_command", lambda new: started.append(new) or [sys.executable, "-c", code])
    with pytest.raises(ClusterError, match=words) as caught:
        head.start(RayConfig(), timeout_s=timeout_s)
    assert "\n" not in caught.value.message and caught.value.exit_code == 3
    assert started[0].temp_dir.startswith(str(tmp_path))
    assert head._load() is None and not family.family((), started[0].temp_dir)
    assert not list(tmp_path.glob(f"{head.PREFIX}*"))


def test_a_busy_machine_gets_another_try(monkeypatch, tmp_path):
    codes = [f"import sys; sys.exit({words!r})" for words in ("The current node timed out during startup. This", "full")]
    monkeypatch.setattr(head, "_command", lambda new: [sys.executable, "-c", codes.pop(0)])
    with pytest.raises(ClusterError, match="did not start: full"):
        head.start(RayConfig())
    assert not list(tmp_path.glob(f"{head.PREFIX}*"))


def test_jobs_find_this_python_and_no_other_cluster(made, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    env = head._environment(made)
    assert env["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert "RAY_ADDRESS" not in env
    assert env["RAY_AUTH_MODE"] == "token" and env["TMPDIR"] == made.temp_dir == env[family.MARK]
    assert family.MARK not in made.environment(), "clients would be stopped with the head"
