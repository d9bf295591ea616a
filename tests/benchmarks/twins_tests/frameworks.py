"""Benign inputs for twins on Flask, FastAPI, Jinja, requests, httpx, cryptography and PyJWT, where those are installed."""

import asyncio
import io
import os
import subprocess
import types
from unittest import mock


def body(answer):
    """The text of what a handler returned."""
    raw = getattr(answer, "body", answer)
    return raw.decode() if isinstance(raw, bytes) else raw


def cwe022_fastapi_notes(m, tmp):
    (tmp / "a.txt").write_text("note")
    m.NOTES = tmp
    assert body(m.get_note("a.txt")) == "note"


def cwe022_flask_send_file(m, tmp):
    (tmp / "r.txt").write_text("report")
    m.REPORTS = str(tmp)
    answer = m.app.test_client().get("/reports?name=r.txt")
    assert answer.status_code == 200 and answer.data == b"report"


def cwe023_replace_dots(m, tmp):
    (tmp / "index.txt").write_text("welcome")
    m.MANUALS = str(tmp) + "/" if isinstance(m.MANUALS, str) else tmp
    answer = m.app.test_client().get("/manual?page=index.txt")
    assert answer.data == b"welcome" and answer.mimetype == "text/plain"


def cwe036_absolute_export(m, tmp):
    (tmp / "e.csv").write_text("1")
    m.EXPORTS = str(tmp) if isinstance(m.EXPORTS, str) else tmp
    answer = m.fetch_export(m.ExportRequest(path="e.csv"))
    assert str(answer.path) == str(tmp / "e.csv")


def cwe078_os_system_ping(m, tmp):
    def ok(*_, **__):
        return types.SimpleNamespace(returncode=0)
    with mock.patch.object(os, "system", lambda command: 0), mock.patch.object(
            subprocess, "call", lambda *a, **k: 0), mock.patch.object(subprocess, "run", ok):
        answer = m.app.test_client().get("/ping?host=127.0.0.1")
    assert answer.json == {"host": "127.0.0.1", "reachable": True}


def cwe078_asyncio_shell_fastapi(m, tmp):
    class Process:
        returncode = 0

        async def communicate(self):
            return b"record", None

    async def start(*words, **_):
        assert " ".join(words).split()[-1] == "example.org"
        return Process()
    with mock.patch("asyncio.create_subprocess_shell", start), mock.patch("asyncio.create_subprocess_exec", start):
        assert asyncio.run(m.whois("example.org"))["record"] == "record"


def cwe079_fastapi_html(m, tmp):
    answer = asyncio.run(m.missing_page("home"))
    assert answer.status_code == 404 and "The page home does not exist." in body(answer)


def cwe079_flask_greeting(m, tmp):
    text = m.app.test_client().get("/welcome?name=Ann&city=Rome").text
    assert "Welcome, Ann!" in text and "weather in Rome?" in text


def cwe079_jinja_environment(m, tmp):
    (tmp / "profile.html").write_text("<p>{{ name }}: {{ bio }}</p>")
    assert m.ReportRenderer(str(tmp)).render_profile({"name": "Ann", "bio": "hi"}) == "<p>Ann: hi</p>"


def cwe080_comment_replace(m, tmp):
    assert "nice shop" in m.app.test_client().post("/preview", data={"comment": " nice shop "}).text


def cwe088_git_clone(m, tmp):
    def run(command, **_):
        assert command[-1] == "https://github.com/x/y.git" and "ls-remote" in command
        return types.SimpleNamespace(stdout="abc\trefs/heads/main\n", returncode=0)
    with mock.patch.object(subprocess, "run", run):
        answer = m.app.test_client().post("/mirror", json={"url": "https://github.com/x/y.git"})
    assert answer.json == {"heads": ["refs/heads/main"]}


def cwe089_sqlite_fstring(m, tmp):
    import sqlite3
    base = sqlite3.connect(tmp / "s.db")
    base.execute("CREATE TABLE products (id, name, price)")
    base.execute("INSERT INTO products VALUES (1, 'red lamp', 5)")
    base.commit()
    m.DATABASE = str(tmp / "s.db")
    assert m.app.test_client().get("/products?q=lamp").json == [{"id": 1, "name": "red lamp", "price": 5}]


def cwe095_calculator(m, tmp):
    assert m.calculate("2 + 3 * 4")["result"] == 14 and m.calculate("(1 - 4) / 2")["result"] == -1.5


def cwe117_request_log(m, tmp):
    with mock.patch("logging.info") as info:
        assert m.app.test_client().get("/search?q=lamp").json == {"status": "ok"}
        assert not info.call_args or "lamp" in str(info.call_args)


def cwe1333_email_pattern(m, tmp):
    assert m.subscribe(m.Subscription(email="ann.lee@example.org"))["status"] == "pending"


def cwe1336_flask_template_string(m, tmp):
    assert "<h1>Hello Ann</h1>" in m.app.test_client().get("/hello?name=Ann").text


def cwe1336_mail_template(m, tmp):
    mails = m.render_campaign("Hi", "News", [{"email": "a@b.c", "name": "Ann"}])
    assert mails == [{"to": "a@b.c", "subject": "Hi", "body": "News"}]


def cwe200_status_environment(m, tmp):
    assert m.app.test_client().get("/status").json["status"] == "ok"


def cwe208_api_key_compare(m, tmp):
    from fastapi import HTTPException
    with mock.patch.dict(os.environ, {"API_KEY": "right"}):
        assert m.require_api_key("right") is None
        try:
            m.require_api_key("wrong")
        except HTTPException as error:
            assert error.status_code == 401
        else:
            raise AssertionError("a wrong key is accepted")


def cwe295_requests_verify(m, tmp):
    with mock.patch.dict(os.environ, {"INVENTORY_TOKEN": "t"}):
        client = m.InventoryClient("https://x.example.org")
    answer = mock.Mock(json=lambda: {"quantity": 4})
    with mock.patch.object(client.session, "get", return_value=answer):
        assert client.stock("a1") == 4


def cwe319_http_login(m, tmp):
    answer = mock.Mock(json=lambda: {"token": "t"})
    with mock.patch.dict(os.environ, {"TELEMETRY_USER": "u", "TELEMETRY_PASSWORD": "p"}), mock.patch(
            "requests.post", return_value=answer):
        assert m.fetch_token() == "t"


def cwe321_fernet_key(m, tmp):
    box = m.SecretBox()
    assert box.open(box.seal("note")) == "note"


def cwe326_rsa_1024(m, tmp):
    private, public = m.generate_key_pair(b"pass")
    assert private.startswith(b"-----BEGIN ENCRYPTED") and public.startswith(b"-----BEGIN PUBLIC KEY")


def cwe327_aes_ecb_class(m, tmp):
    assert len(m.FieldCipher(bytes(16)).encrypt("value")) >= 16


def cwe400_read_whole_body(m, tmp):
    import gzip

    class Request:
        headers = {"content-length": "40"}  # noqa: RUF012

        async def body(self):
            return gzip.compress(b"a 1\nb 2\n\n")

        async def stream(self):
            yield await self.body()
    assert asyncio.run(m.receive_metrics(Request())) == {"accepted": 2}


def cwe489_flask_run(m, tmp):
    assert m.app.test_client().get("/quotes/1").json == {"quote": "Readability counts."}


def cwe522_query_string_password(m, tmp):
    client = m.ForumClient()
    answer = mock.Mock(json=lambda: {"token": "t"})
    with mock.patch("requests.get", return_value=answer), mock.patch("requests.post", return_value=answer):
        client.login("ann", "pw")
    assert client.token == "t"


def cwe532_payment_client(m, tmp):
    answer = mock.Mock(json=lambda: {"reference": "r1"})
    with mock.patch("requests.post", return_value=answer):
        assert m.PaymentClient("https://pay.example.org", "k").charge("4111", "123", 5) == "r1"


def cwe732_key_file(m, tmp):
    path = m.create_signing_key(tmp)
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY")


def cwe770_placeholder_image(m, tmp):
    answer = m.app.test_client().get("/placeholder?width=20&height=10")
    assert answer.status_code == 200 and answer.mimetype == "image/png"


def cwe776_minidom_entities(m, tmp):
    class Request:
        headers: dict[str, str] = {}  # noqa: RUF012

        async def body(self):
            return b"<urlset><url><loc>a</loc></url><url><loc>b</loc></url></urlset>"
    assert asyncio.run(m.check_sitemap(Request())) == {"count": 2}


def cwe798_flask_secret_key(m, tmp):
    client = m.app.test_client()
    assert client.get("/", base_url="https://localhost").json == {"visits": 1}
    assert client.get("/home", base_url="https://localhost").status_code == 302


def cwe502_flask_pickle_cookie(m, tmp):
    assert m.app.test_client().get("/preferences").json == {"theme": "light", "language": "en"}


def cwe703_swallowed_check(m, tmp):
    with mock.patch.dict(os.environ, {"JWT_PUBLIC_KEY": "k"}), mock.patch(
            "jwt.decode", return_value={"scopes": ["read"]}):
        assert m.is_allowed("t", "read") is True and m.is_allowed("t", "write") is False


def cwe321_jwt_signing(m, tmp):
    assert m.read_token(m.issue_token(7)) == 7


def cwe613_jwt_lifetime(m, tmp):
    with mock.patch.dict(os.environ, {"JWT_SECRET": "k" * 40}):
        claims = m.read_access_token(m.create_access_token(7, "member"))
    assert claims["sub"] == "7" and claims["role"] == "member"


def cwe918_flask_fetch(m, tmp):
    page = mock.Mock(text="<title>Hi</title>", content=b"<title>Hi</title>", is_redirect=False, status_code=200)
    page.raw = io.BytesIO(page.content)
    address = [(2, 1, 6, "", ("93.184.216.34", 443))]
    with mock.patch("requests.get", return_value=page), mock.patch("socket.getaddrinfo", return_value=address):
        assert m.app.test_client().get("/preview?url=https://example.org/").json == {"title": "Hi"}
