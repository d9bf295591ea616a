"""Benign inputs for twins that need the standard library alone: what both halves do, and any repair has to do too.

Each function is named after its twin and takes the loaded module and an empty folder.
"""

import contextlib
import hashlib
import io
import json
import os
import queue
import sqlite3
import ssl
import subprocess
import tarfile
import types
import zipfile
from unittest import mock


def cwe020_host_suffix(m, tmp):
    assert m.cors_headers({}) == {}
    assert m.cors_headers({"Origin": "https://shop.example.com"})["Access-Control-Allow-Origin"] == "https://shop.example.com"


def cwe022_tarfile_restore(m, tmp):
    (tmp / "a.txt").write_text("hello")
    with tarfile.open(tmp / "b.tgz", "w:gz") as bundle:
        bundle.add(tmp / "a.txt", "docs/a.txt")
    m.restore_backup(str(tmp / "b.tgz"), str(tmp / "out"))
    assert (tmp / "out/docs/a.txt").read_text() == "hello"


def cwe022_zip_entries(m, tmp):
    with zipfile.ZipFile(tmp / "t.zip", "w") as bundle:
        bundle.writestr("css/site.css", "body {}")
    (tmp / "themes").mkdir()
    written = m.unpack_theme(str(tmp / "t.zip"), str(tmp / "themes"))
    assert (tmp / "themes/css/site.css").read_text() == "body {}" and len(written) == 1


def cwe078_popen_dns_class(m, tmp):
    def run(command, **_):
        words = command if isinstance(command, list) else command.split()
        assert words[-2:] == ["MX", "example.org"] and words[1] == "@1.1.1.1"
        return types.SimpleNamespace(stdout="10 mail.example.org.\n", returncode=0)

    class Pipe(io.StringIO):
        def __init__(self, command, **_):
            super().__init__(run(command).stdout)
            self.stdout = self
    with mock.patch.object(subprocess, "run", run), mock.patch.object(subprocess, "Popen", Pipe), mock.patch.object(
            os, "popen", Pipe):
        assert m.DnsTools().mail_servers("example.org") == ["10 mail.example.org."]


def cwe078_subprocess_convert(m, tmp):
    video = tmp / "film.avi"
    video.write_bytes(b"")

    def run(command, **_):
        words = command if isinstance(command, list) else command.split()
        assert words[1:] == ["-y", "-i", str(video), str(tmp / "film.mp4")] and words[0].endswith("ffmpeg")
        return types.SimpleNamespace(returncode=0)
    with mock.patch.object(subprocess, "run", run):
        assert m.convert_video(str(video)) == str(tmp / "film.mp4")


def cwe089_order_by_column(m, tmp):
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE invoices (number, issued_on, total, customer_id)")
    base.executemany("INSERT INTO invoices VALUES (?, ?, ?, ?)", [(1, "x", 9, 7), (2, "y", 4, 7), (3, "z", 1, 8)])
    assert [row["number"] for row in m.list_invoices(base, 7, "total")] == [2, 1]
    assert [row["number"] for row in m.list_invoices(base, 7, "number", descending=True)] == [2, 1]


def cwe089_argparse_report(m, tmp):
    base = sqlite3.connect(tmp / "o.db")
    base.execute("CREATE TABLE orders (id, total REAL, status, region)")
    base.execute("INSERT INTO orders VALUES (1, 2.5, 'open', 'north')")
    base.commit()
    out = io.StringIO()
    with mock.patch("sys.argv", ["x", str(tmp / "o.db"), "--region", "north"]), contextlib.redirect_stdout(out):
        m.main()
    assert out.getvalue() == "1\t2.50\n"


def cwe095_literal_parse(m, tmp):
    (tmp / "p.csv").write_text('a,"[1, 2.5]"\nb,"[3]"\n')
    assert m.read_points(str(tmp / "p.csv")) == {"a": [1, 2.5], "b": [3]}


def cwe113_raw_header(m, tmp):
    handler = m.DownloadHandler.__new__(m.DownloadHandler)
    handler.path, handler.wfile, sent = "/?filename=march.csv", io.BytesIO(), {}
    handler.send_response = handler.send_error = lambda *a: None
    handler.send_header = sent.__setitem__
    handler.end_headers = lambda: None
    handler.do_GET()
    assert sent["Content-Disposition"] == "attachment; filename=march.csv" and b"2024-01,100" in handler.wfile.getvalue()


def cwe208_signature_compare(m, tmp):
    signer = m.MessageSigner(b"key")
    assert signer.check(b"hello", signer.sign(b"hello")) and not signer.check(b"hello", signer.sign(b"other"))


def cwe215_django_settings(m, tmp):
    assert m.ALLOWED_HOSTS and m.ROOT_URLCONF == "shop.urls" and len(m.MIDDLEWARE) == 5


def cwe276_umask_daemon(m, tmp):
    before = os.umask(0o022)
    try:
        path = m.prepare_service(str(tmp))
    finally:
        os.umask(before)
    assert open(path).read() == str(os.getpid()) and (tmp / "spool").is_dir() and (tmp / "state").is_dir()


def cwe295_ssl_context_class(m, tmp):
    link = m.MessageLink("broker.example.org")
    assert link.port == 5671 and isinstance(link._context(), ssl.SSLContext)


def cwe295_unverified_context(m, tmp):
    reply = io.BytesIO(b'{"rates": {"EUR": 1.1}}')
    with mock.patch("urllib.request.urlopen", lambda *a, **k: reply):
        assert m.exchange_rates() == {"EUR": 1.1}


def cwe327_tls_version(m, tmp):
    wrapped = []
    with mock.patch("socket.create_connection", lambda *a, **k: object()), mock.patch.object(
            ssl.SSLContext, "wrap_socket", lambda self, raw, **k: wrapped.append(k) or "channel"):
        assert m.open_channel("gw.example.org") == "channel" and wrapped[0]["server_hostname"] == "gw.example.org"


def cwe328_md5_signature(m, tmp):
    secret = b"s" if "bytes" in str(m.sign_download.__annotations__["secret"]) else "s"
    query = m.sign_download("/a.zip", 99, secret)
    assert query.startswith("expires=99&signature=") and m.is_valid("/a.zip", 99, secret, query)
    assert not m.is_valid("/b.zip", 99, secret, query)


def cwe328_sha1_release(m, tmp):
    (tmp / "r").write_bytes(b"abc" * 50_000)
    digest = m.file_digest(tmp / "r")
    assert m.verify_release(tmp / "r", digest.upper()) and not m.verify_release(tmp / "r", "0" * len(digest))


def cwe338_one_time_code(m, tmp):
    codes = m.OneTimeCodes()
    made = {codes.create(n) for n in range(50)}
    assert len(made) > 40 and all(len(code) == 6 and code.isdecimal() for code in made)


def cwe367_access_then_open(m, tmp):
    (tmp / "r.txt").write_text("one\n")
    assert m.append_report(str(tmp / "r.txt"), "two") and (tmp / "r.txt").read_text() == "one\ntwo\n"


def cwe367_lock_file(m, tmp):
    lock = m.FileLock(str(tmp / "l"))
    lock.acquire()
    assert (tmp / "l").read_text() == str(os.getpid())
    with contextlib.suppress(TimeoutError):
        m.FileLock(str(tmp / "l")).acquire(timeout=0.05)
        raise AssertionError("two hold the lock")
    lock.release()
    assert not (tmp / "l").exists()


def cwe377_fixed_tmp_name(m, tmp):
    seen = []

    def run(command, **_):
        seen.append((json.load(open(command[2])), command[4]))
    with mock.patch.object(subprocess, "run", run):
        m.plot([(1.0, 2.0)], "out.png")
    assert seen == [([[1.0, 2.0]], "out.png")]


def cwe377_mktemp_export(m, tmp):
    path = m.export_rows([["1", "2.5"]], ["a", "b"])
    assert (path.endswith(".csv") and open(path).read() == "a,b\n1.0,2.5\n".replace("\n", "\r\n")) or open(
        path).read().split() == ["a,b", "1.0,2.5"]
    os.remove(path)


def cwe426_plugin_path(m, tmp):
    assert m.load_plugins([]) == []


def cwe502_socket_worker(m, tmp):
    source = m.__source__
    import pickle
    body = json.dumps({"job": 1}).encode() if "json" in source else pickle.dumps({"job": 1})
    handler = m.JobHandler.__new__(m.JobHandler)
    handler.rfile, handler.wfile = io.BytesIO(len(body).to_bytes(4, "big") + body), io.BytesIO()
    handler.server = types.SimpleNamespace(jobs=queue.Queue())
    handler.handle()
    assert handler.server.jobs.get_nowait() == {"job": 1} and handler.wfile.getvalue() == b"queued\n"


def cwe611_sax_external(m, tmp):
    assert m.feed_titles(b"<feed><title>one</title><x/><title>two</title></feed>") == ["one", "two"]


def cwe732_chmod_config(m, tmp):
    m.save_credentials(str(tmp / "c"), {"user": "a"})
    assert json.loads((tmp / "c").read_text()) == {"user": "a"}


def cwe759_unsalted_password(m, tmp):
    base = sqlite3.connect(tmp / "u.db")
    base.execute("CREATE TABLE users (name, digest)")
    base.commit()
    store = m.UserStore(str(tmp / "u.db"))
    store.add("ann", "right")
    assert store.check("ann", "right") and not store.check("ann", "wrong") and not store.check("bob", "right")


def cwe760_fixed_salt(m, tmp):
    stored = m.derive("right")
    if isinstance(stored, tuple):
        assert m.matches("right", *stored) and not m.matches("wrong", *stored)
    else:
        assert m.matches("right", stored) and not m.matches("wrong", stored)


def cwe798_smtp_login(m, tmp):
    sent = []

    class Server:
        def __init__(self, *a, **k):
            pass
        __enter__ = lambda self: self  # noqa: E731
        __exit__ = lambda self, *a: None  # noqa: E731
        login = lambda self, user, password: sent.append((user, password))  # noqa: E731
        send_message = lambda self, message: sent.append(message["Subject"])  # noqa: E731
    names = {name: "x" for name in ("SMTP_USER", "SMTP_PASSWORD", "LOGIN_PASSWORD")}
    with mock.patch("smtplib.SMTP_SSL", Server), mock.patch.dict(os.environ, names):
        m.send_invoice("a@example.org", b"%PDF", 7)
    assert sent[-1] == "Invoice 7" and len(sent) == 2


def cwe916_pbkdf2_rounds(m, tmp):
    stored = m.hash_password("right")
    assert m.verify_password("right", stored) and not m.verify_password("wrong", stored)
    assert hashlib.sha256(stored) and m.hash_password("right") != stored
