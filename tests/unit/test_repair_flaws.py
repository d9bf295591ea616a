"""Rewrites of security findings: what each family writes, and code that it leaves alone."""

from __future__ import annotations

import ast
import hashlib

import pytest

from ncg_ray.repair.draft import Draft, without_unused_imports
from ncg_ray.repair.flaws import BY_CWE, BY_RULE, edits
from ncg_ray.repair.source import Source
from ncg_ray.types import Finding


def proposals(code: str, rule: str, cwe: int, line: int, column: int = 0) -> list[str]:
    finding = Finding("test", rule, "security", "", line, cwe=f"CWE-{cwe}", column=column)
    return [without_unused_imports(code, edit.apply(code)) for edit in edits(code, finding)]


FLASK = "from flask import Flask, request\n\napp = Flask(__name__)\n\n\n@app.get('/x')\ndef view():\n"
FIRES = {  # name: (rule, CWE, code, line of the finding, column (0: § in the code stands before it, or none), the parts of a text)  # noqa: E501
    "SQL by f-string": (
        "r",
        89,
        "import sqlite3\n\ndef f(c, n):\n    c.execute(f\"SELECT 1 FROM t WHERE a = '{n}'\")\n",
        4,
        0,
        ['c.execute("SELECT 1 FROM t WHERE a = ?", (n,))'],
    ),
    "SQL by percent": (
        "r",
        89,
        "import psycopg2\n\ndef f(c, n):\n    c.execute('SELECT 1 FROM t WHERE a = %s' % n)\n",
        4,
        0,
        ['"SELECT 1 FROM t WHERE a = %s", (n,)'],
    ),
    "SQL by plus, LIKE": (
        "r",
        89,
        'import sqlite3\n\ndef f(c, n):\n    c.execute("SELECT 1 FROM t WHERE a LIKE \'%" + n + "%\'")\n',
        4,
        0,
        ['WHERE a LIKE ?", (f"%{n}%",)'],
    ),
    "SQL by format in a variable": (
        "r",
        89,
        "import sqlite3\n\ndef f(c, n):\n    q = 'SELECT 1 FROM t WHERE a = {}'.format(n)\n    c.execute(q)\n",
        5,
        0,
        ['q = "SELECT 1 FROM t WHERE a = ?"', "c.execute(q, (n,))"],
    ),
    "SQL in steps": (
        "r",
        89,
        "import sqlite3\n\ndef f(c, n, m):\n    q = 'SELECT 1 FROM t'\n    if n:\n"
        "        q += f' WHERE a = {n}'\n    c.execute(q)\n",
        7,
        0,
        ["parameters = []", "parameters.append(n)", "c.execute(q, parameters)"],
    ),
    "SQL name": (
        "r",
        89,
        "def f(c, k):\n    c.execute(f'SELECT a, b FROM t ORDER BY {k}')\n",
        2,
        0,
        ['if k not in ("a", "b"):', "raise ValueError"],
    ),
    "shell by run": (
        "r",
        78,
        "import subprocess\n\ndef f(p):\n    subprocess.run('tar xf ' + p, shell=True)\n",
        4,
        0,
        ['subprocess.run(["tar", "xf", p])'],
    ),
    "shell by os.system": (
        "r",
        78,
        "import os\n\ndef f(p):\n    return os.system(f'ping -c 1 {p}')\n",
        4,
        0,
        ['subprocess.call(["ping", "-c", "1", str(p)])', "import subprocess"],
    ),
    "shell with a pipe": (
        "r",
        78,
        "import subprocess\n\ndef f(p):\n    subprocess.run(f'cat {p} | wc -l', shell=True)\n",
        4,
        0,
        ["shlex.quote(str(p))", "| wc -l"],
    ),
    "option": (
        "command-argument-injection",
        88,
        "import subprocess\n\ndef f(u):\n    subprocess.run(['git', 'clone', §u])\n",
        4,
        0,
        ["'clone', \"--\", u]"],
    ),
    "path": (
        "r",
        22,
        "import os\n\ndef f(name):\n    return open(§os.path.join('/srv/x', name)).read()\n",
        4,
        0,
        ["safe_path('/srv/x', os.path.join('/srv/x', name))", "is_relative_to"],
    ),
    "tar": (
        "r",
        22,
        "import tarfile\n\ndef f(p):\n    with tarfile.open(p) as t:\n        t.extractall('x')\n",
        5,
        0,
        ["t.extractall('x', filter=\"data\")"],
    ),
    "HTML": (
        "r",
        79,
        FLASK + "    name = request.args.get('n', '')\n    return §f'<p>{name}</p>'\n",
        9,
        0,
        ["html.escape(name)", "import html"],
    ),
    "eval": ("r", 95, "def f(raw):\n    return eval(raw)\n", 2, 0, ["ast.literal_eval(raw)"]),
    "arithmetic": ("r", 95, "def calculate(expression):\n    return eval(expression)\n", 2, 0, ["evaluate(expression)"]),
    "YAML": (
        "r",
        502,
        "import yaml\n\ndef f(t):\n    return yaml.load(t, Loader=yaml.Loader)\n",
        4,
        0,
        ["yaml.safe_load(t)"],
    ),
    "pickle": (
        "r",
        502,
        "import pickle\n\ndef f(t):\n    return pickle.loads(t)\n",
        4,
        0,
        ["return json.loads(t)", "import json"],
    ),
    "comparison": ("r", 208, "def f(a, b):\n    return a != b\n", 2, 0, ["return not hmac.compare_digest(a, b)"]),
    "hash": ("r", 328, "import hashlib\n\ndef f(b):\n    return hashlib.md5(b).hexdigest()\n", 4, 0, ["hashlib.sha256(b)"]),
    "random": (
        "r",
        338,
        "import random\n\ndef token(a):\n    return ''.join(random.choice(a) for _ in range(9))\n",
        4,
        0,
        ["secrets.choice(a)", "import secrets"],
    ),
    "random number": (
        "r",
        338,
        "import random\n\ndef code():\n    return random.randint(0, 999999)\n",
        4,
        0,
        ["secrets.randbelow(1_000_000)"],
    ),
    "TLS": ("r", 295, "import requests\n\ndef f(u):\n    return requests.get(u, verify=False)\n", 4, 0, ["verify=True"]),
    "TLS context": (
        "r",
        295,
        "import ssl\n\nc = ssl._create_unverified_context()\n",
        3,
        0,
        ["ssl.create_default_context()"],
    ),
    "old TLS": (
        "configuration-old-tls",
        757,
        "import ssl\n\nc = ssl.SSLContext(ssl.PROTOCOL_TLSv1)\n",
        3,
        0,
        ["ssl.PROTOCOL_TLS_CLIENT"],
    ),
    "debug": ("r", 489, "def f(app):\n    app.run(debug=True)\n", 2, 0, ["debug=False"]),
    "interfaces": ("r", 1327, "def f(app):\n    app.run(host='0.0.0.0')\n", 2, 0, ['host="127.0.0.1"']),
    "cookie": ("configuration-cookie-script", 1004, "def f(r):\n    r.set_cookie('a', 'b')\n", 2, 0, ["httponly=True"]),
    "timeout": (
        "r",
        1088,
        "import requests\n\ndef f(u):\n    return requests.get(u)\n",
        4,
        0,
        ["requests.get(u, timeout=30)"],
    ),
    "redirect": (
        "r",
        601,
        "from flask import redirect, request\n\ndef view():\n    return redirect(§request.args['next'])\n",
        4,
        0,
        ["redirect(safe_url_path(request.args['next']))", "parts.netloc"],
    ),
    "SSRF": (
        "r",
        918,
        "import requests\n\ndef f(url):\n    return requests.get(§url, timeout=3)\n",
        4,
        0,
        ["requests.get(safe_url(url), timeout=3)", "is_global"],
    ),
    "host label": (
        "r",
        918,
        "import requests\n\ndef f(r):\n    return requests.get(§f'https://{r}.x.org/a', timeout=3)\n",
        4,
        0,
        ["safe_name(r)", "re.fullmatch"],
    ),
    "temporary file": (
        "r",
        377,
        "import tempfile\n\ndef f():\n    p = tempfile.mktemp(suffix='.csv')\n    return p\n",
        4,
        0,
        ["descriptor, p = tempfile.mkstemp(suffix='.csv')", "os.close(descriptor)"],
    ),
    "fixed temporary name": (
        "r",
        377,
        "def f():\n    p = §'/tmp/report.txt'\n    return open(p, 'w')\n",
        2,
        0,
        ['tempfile.mkstemp(prefix="report_", suffix=".txt")'],
    ),
    "permissions": ("r", 732, "import os\n\ndef f(p):\n    os.chmod(p, 0o777)\n", 4, 0, ["os.chmod(p, 0o600)"]),
    "secret": (
        "r",
        798,
        "def f(c):\n    return c.connect(user='a', password='S3cret!x')\n",
        2,
        0,
        ['password=os.environ["PASSWORD"]', "import os"],
    ),
    "assert": (
        "r",
        617,
        "def f(user):\n    assert user.is_admin, 'no'\n    return 1\n",
        2,
        0,
        ["if not user.is_admin:", "raise PermissionError('no')"],
    ),
    "log": (
        "r",
        117,
        "import logging\n\ndef f(name: str):\n    logging.info(§'user ' + name)\n",
        4,
        0,
        ['name.replace("\\r", "").replace("\\n", "")'],
    ),
    "secret in a log": (
        "r",
        532,
        "def f(log, user, password):\n    log.info('user=%r password=%r', user, password)\n",
        2,
        0,
        ["log.info('user=%r', user)"],
    ),
    "pattern": ("r", 730, "import re\n\ndef f(p, t):\n    return re.search(§p, t)\n", 4, 0, ["re.search(re.escape(p), t)"]),
    "LDAP": (
        "r",
        90,
        "import ldap\n\ndef f(c, n):\n    return c.search_s('o', 2, §f'(mail={n})')\n",
        4,
        0,
        ["escape_filter_chars(str(n))", "from ldap.filter import escape_filter_chars"],
    ),
    "XPath": (
        "r",
        643,
        'from lxml import etree\n\ndef f(t, n):\n    return t.xpath("//u[@n=\'" + n + "\']")\n',
        4,
        0,
        ["$n", ", n=n)"],
    ),
    "XML": (
        "r",
        611,
        "from lxml import etree\n\np = etree.XMLParser(resolve_entities=True)\n",
        3,
        0,
        ["resolve_entities=False"],
    ),
    "templates": (
        "xss-autoescape-off",
        79,
        "from jinja2 import Environment\n\ne = Environment()\n",
        3,
        0,
        ["autoescape=True"],
    ),
    "mass assignment": (
        "r",
        915,
        "def view(request):\n    return User(**request.json)\n",
        2,
        0,
        ["User(**pick_fields(request.json))"],
    ),
    "size": (
        "r",
        770,
        FLASK + "    n = int(request.args['n'])\n    return 'x' * §n\n",
        9,
        0,
        ["min(int(request.args['n']), 1000)"],
    ),
    "work factor": (
        "crypto-low-iterations",
        916,
        "import hashlib\n\ndef f(p, s):\n    return hashlib.pbkdf2_hmac('sha256', p, s, 1000)\n",
        4,
        0,
        ["600_000"],
    ),
    "key size": (
        "r",
        326,
        "from cryptography.hazmat.primitives.asymmetric import rsa\n\nk = rsa.generate_private_key(65537, key_size=1024)\n",
        3,
        0,
        ["key_size=3072"],
    ),
    "CSRF": (
        "r",
        352,
        "from django.views.decorators.csrf import csrf_exempt\n\n\n@csrf_exempt\ndef §view(request):\n    return 1\n",
        5,
        0,
        ["def view(request):"],
    ),
    "CSV": ("r", 1236, "def f(w, a):\n    w.writerow(['x', a])\n", 2, 0, ["w.writerow(['x', safe_cell(a)])"]),
    "MongoDB": (
        "r",
        943,
        FLASK + "    b = request.get_json()\n    return db.u.find_one({'n': b['n']})\n",
        9,
        0,
        ["{'n': check_plain(b['n'])}", "isinstance(value, dict | list)"],
    ),
    "error text": (
        "r",
        209,
        FLASK + "    try:\n        return work()\n    except Exception as error:\n        return str(error), 500\n",
        11,
        0,
        ['return "internal error", 500', "exception("],
    ),
    "swallowed": (
        "r",
        390,
        "def f():\n    try:\n        g()\n    except Exception:\n        pass\n",
        4,
        0,
        ['exception("f failed")'],
    ),
}


@pytest.mark.parametrize("name", FIRES)
def test_a_rewrite_mends_what_its_family_names(name):
    rule, cwe, code, line, column, parts = FIRES[name]
    if "§" in code:
        line, column = code[:code.index("§")].count("\n") + 1, code.index("§") - code.rfind("\n", 0, code.index("§"))
        code = code.replace("§", "")
    texts = proposals(code, rule, cwe, line, column)
    assert any(all(part in text for part in parts) for text in texts), texts
    for text in texts:
        ast.parse(text)


NOT_APPLICABLE = {
    "SQL": (89, "def f(c):\n    c.execute('SELECT 1')\n"),
    "shell": (78, "import subprocess\n\nsubprocess.run(['ls'])\n"),
    "tar": (22, "x = 1\n"),
    "HTML": (79, "x = '<p></p>'\n"),
    "eval": (95, "x = int('1')\n"),
    "YAML": (502, "x = 1\n"),
    "comparison": (208, "x = a < b\n"),
    "hash": (328, "import hashlib\n\nhashlib.sha256(b'')\n"),
    "random": (338, "import secrets\n\nsecrets.choice('ab')\n"),
    "TLS": (295, "f(verify=True)\n"),
    "debug": (489, "f(debug=False)\n"),
    "timeout": (1088, "requests.get(u, timeout=3)\n"),
    "temporary": (377, "x = 'tmp'\n"),
    "permissions": (732, "os.chmod(p, 0o600)\n"),
    "secret": (798, "f(password=given)\n"),
    "assert": (617, "x = 1\n"),
    "XML": (827, "x = 1\n"),
    "size": (770, "x = 1\n"),
    "key": (326, "rsa.generate_private_key(65537, key_size=4096)\n"),
    "CSV": (1236, "x = 1\n"),
    "pattern": (730, "x = 1\n"),
    "redirect": (601, "x = 1\n"),
    "mass assignment": (915, "x = 1\n"),
    "unknown CWE": (1, "eval(x)\n"),
}


@pytest.mark.parametrize("name", NOT_APPLICABLE)
def test_code_without_the_flaw_is_left_alone(name):
    cwe, code = NOT_APPLICABLE[name]
    assert proposals(code, "r", cwe, code.count("\n"), 1) == []


@pytest.mark.parametrize("rule,cwe", [*((rule, 0) for rule in BY_RULE), *(("r", cwe) for cwe in BY_CWE)])
def test_no_rewrite_trips_over_odd_code(rule, cwe):
    code = "import os as o\nx = [i async for i in y] if 0 else {**a, 'b': (lambda *c: c)}\nwith a as (b, c), d: pass\n" \
           "class E(F, metaclass=G):\n    x: int\n    def f(self, /, *a, k=1, **b): return f'{a!r:>{k}}' + b'' % ()\n"
    for line, column in ((2, 5), (4, 1), (6, 49)):
        for text in proposals(code, rule, cwe, line, column):
            ast.parse(text)


def test_an_edit_leaves_the_rest_of_the_text_as_it_is():
    code = "# kept\nimport os   # and this\n\n\ndef f( p ):   # odd  blanks\n    return os.system('ls ' + p)   # note\n"
    text = proposals(code, "r", 78, 6)[0]
    assert "# kept" in text and "def f( p ):   # odd  blanks" in text and text.endswith("# note\n")


def test_an_import_of_everything_stays_alone():
    code = "from flask import *\n\n\ndef f(name):\n    assert name\n"
    assert "from flask import *\nfrom flask import abort\n" in proposals(code, "r", 617, 5)[0]


def test_names_that_are_taken_are_not_imported_over():
    code = "import hashlib\n\n\ndef f(html, name: str):\n    return html, '<p>' + name + '</p>'\n"
    text = proposals(code, "r", 79, 5, 18)[0]
    assert "import html as html_module" in text and "html_module.escape(name)" in text


def test_imports_stand_where_the_modules_own_order_has_them():
    source = Source(
        '"""Words."""\n\nfrom __future__ import annotations\n\nimport os\nimport zlib\n\nimport flask\n\nx = f()\n'
    )
    draft = Draft(source)
    call = source.tree.body[-1].value
    draft.put(call, f"{draft.need('secrets')}.f({draft.need('os')}, {draft.need('requests')})")
    text = draft.edit("t", 1).apply(source.text)
    assert "import os\nimport secrets\nimport zlib\n\nimport flask\nimport requests\n\nx = secrets.f(os, requests)\n" in text


def test_the_stored_form_of_a_password_is_made_and_read_alike():
    code = (
        "import hashlib\nimport hmac\n\n\ndef make(password):\n    return hashlib.sha512(password.encode()).hexdigest()\n\n\n"  # noqa: E501
        "def check(password, stored):\n    digest = hashlib.sha512(password.encode()).hexdigest()\n"
        "    return hmac.compare_digest(stored, digest)\n"
    )
    text = proposals(code, "crypto-fast-password-hash", 916, 6)[0]
    names: dict[str, object] = {}
    exec(compile(text.replace("600_000", "1000"), "made", "exec"), names)
    stored = names["make"]("right")
    assert names["check"]("right", stored) and not names["check"]("wrong", stored)
    assert stored != names["make"]("right") and hashlib.sha512(b"right").hexdigest() not in stored


def test_arithmetic_is_worked_out_and_nothing_else():
    text = proposals("def calculate(expression):\n    return eval(expression)\n", "r", 95, 2)[0]
    names: dict[str, object] = {}
    exec(text, names)
    assert names["calculate"]("2 + 3 * (4 - 1) / 2") == 6.5 and names["calculate"]("-7 // 2") == -4
    for bad in ("__import__('os')", "(1).real", "[1]", "x", "'a'"):
        with pytest.raises(ValueError):
            names["calculate"](bad)


def test_a_path_check_lets_through_what_is_inside(tmp_path):
    code = "import os\n\n\ndef read(folder, name):\n    return open(os.path.join(folder, name)).read()\n"
    text = next(t for t in proposals(code, "r", 22, 5, 17) if "safe_path" in t)
    names: dict[str, object] = {}
    exec(text, names)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a").write_text("1")
    (tmp_path / "b").write_text("2")
    assert names["read"](str(tmp_path / "in"), "a") == "1"
    for bad in ("../b", str(tmp_path / "b")):
        with pytest.raises(ValueError):
            names["read"](str(tmp_path / "in"), bad)


MENDED = {  # name: (rule, CWE, code with § before what the finding points to, the first text)
    "a quoted value in a shell": (
        "r",
        78,
        "import subprocess\n\ndef f(p):\n    §subprocess.run(f\"cat '{p}' | wc -l\", shell=True)\n",
        'f"cat {shlex.quote(str(p))} | wc -l"',
    ),
    "a number as an argument": (
        "r",
        78,
        "import os\n\ndef f(pid):\n    §os.system(f'kill {pid}')\n",
        'subprocess.call(["kill", str(pid)])',
    ),
    "a table is no column": (
        "r",
        89,
        "import sqlite3\n\ndef f(c, t, n):\n    §c.execute(f'SELECT a, b FROM {t} WHERE a = {n}')\n",
        "isidentifier()",
    ),
    "a direction": (
        "r",
        89,
        "import sqlite3\n\ndef f(c, d):\n    §c.execute(f'SELECT a FROM t ORDER BY a {d}')\n",
        'if d.upper() not in ("ASC", "DESC"):',
    ),
    "a query of two branches": (
        "r",
        89,
        "import sqlite3\n\ndef f(c, n):\n    if n:\n        q = f'SELECT 1 FROM t WHERE a = {n}'\n    else:\n"
        "        q = 'SELECT 1 FROM t'\n    §c.execute(q)\n",
        "        parameters = []\n    c.execute(q, parameters)",
    ),
    "values that were given before": (
        "r",
        89,
        "import psycopg2\n\ndef f(c, n, m):\n    §c.execute('SELECT 1 FROM t WHERE b = %s AND a = ' + n, (m,))\n",
        '"SELECT 1 FROM t WHERE b = %s AND a = %s", (m, n)',
    ),
    "a number in SQL": (
        "r",
        89,
        "import sqlite3\n\ndef f(c, n):\n    §c.execute('SELECT 1 FROM t LIMIT %d' % n)\n",
        'LIMIT ?", (int(n),)',
    ),
    "pandas over sqlite": (
        "r",
        89,
        "import sqlite3\nimport pandas\n\ndef f(c, n):\n    return §pandas.read_sql(f'SELECT 1 FROM t WHERE a = {n}', c)\n",
        '"SELECT 1 FROM t WHERE a = ?", c, params=(n,))',
    ),
    "SQLAlchemy": (
        "r",
        89,
        "import sqlalchemy\n\ndef f(c, n):\n    §c.execute(f'SELECT 1 FROM t WHERE a = {n}')\n",
        'c.execute(text("SELECT 1 FROM t WHERE a = :n"), {"n": n})',
    ),
    "SQLAlchemy through a variable": (
        "r",
        89,
        "import sqlalchemy\n\ndef f(c, n):\n    q = f'SELECT 1 FROM t WHERE a = {n}'\n    §c.execute(q)\n",
        'q = text("SELECT 1 FROM t WHERE a = :n")\n    c.execute(q, {"n": n})',
    ),
    "the values of a helper": (
        "r",
        89,
        "import sqlite3\n\ndef run(c, sql, many=False):\n    §c.execute(sql)\n\n\ndef f(c, n):\n"
        "    run(c, f'SELECT 1 FROM t WHERE a = {n}')\n",
        '"SELECT 1 FROM t WHERE a = ?", parameters=(n,))',
    ),
    "only the remote call has a timeout": (
        "r",
        1088,
        "import requests\n\ndef f(c):\n    return §requests.get(c.get('u'))\n",
        "requests.get(c.get('u'), timeout=30)",
    ),
    "an alias of a module that a helper writes in full": (
        "r",
        915,
        "import os as o\n\n\ndef view(request):\n    return §User(**request.json)\n",
        "import os\n",
    ),
    "a parameter with the name of a module": (
        "r",
        79,
        "import html\n\n\ndef f(html, name: str):\n    return §'<p>' + name + '</p>'\n",
        "html_module.escape(name)",
    ),
    "a helper beside one of the module's own": (
        "r",
        943,
        "import flask\n\n\ndef check_plain(a, b):\n    return a\n\n\ndef f(db, q):\n"
        "    return db.find({'n': §q.json['n']})\n",
        "check_plain_2(q.json['n'])",
    ),
    "a helper that code at the top calls": (
        "r",
        22,
        "import sys\n\nBASE = '/srv'\nd = open(§BASE + '/' + input()).read()\n\n\ndef g():\n    return 1\n",
        "safe_path(BASE",
    ),
    "a statement beside another": (
        "r",
        295,
        "import ssl\nx = 1; §ssl._create_default_https_context = ssl._create_unverified_context\n",
        "x = 1; pass",
    ),
    "members by a generator": (
        "r",
        22,
        "import tarfile\n\ndef f(p):\n    with tarfile.open(p) as t:\n        §t.extractall(m for m in t)\n",
        't.extractall((m for m in t), filter="data")',
    ),
    "a lock that is given back early": (
        "r",
        667,
        "def f(lock, x):\n    §lock.acquire()\n    if x:\n        lock.release()\n        return 1\n    x = 2\n"
        "    lock.release()  # done\n    return x\n",
        "    with lock:\n        if x:\n            return 1\n        x = 2\n    return x\n",
    ),
    "a server's context": (
        "configuration-old-tls",
        757,
        "import ssl\n\ndef f(s):\n    c = §ssl.SSLContext(ssl.PROTOCOL_TLSv1)\n"
        "    return c.wrap_socket(s, server_side=True)\n",
        "ssl.PROTOCOL_TLS_SERVER",
    ),
    "a client's context has the host": (
        "configuration-old-tls",
        757,
        "import ssl\n\ndef f(s, host):\n    s.connect((host, 443))\n"
        "    c = §ssl.SSLContext(ssl.PROTOCOL_TLSv1)\n    return c.wrap_socket(s)\n",
        "c.wrap_socket(s, server_hostname=host)",
    ),
    "arguments of an unverified context": (
        "r",
        295,
        "import ssl\n\nc = §ssl._create_unverified_context(cert_reqs=ssl.CERT_NONE)\n",
        "c = ssl.create_default_context()\n",
    ),
    "scrypt has the memory": (
        "crypto-low-iterations",
        916,
        "import hashlib\n\ndef f(p, s):\n    return §hashlib.scrypt(p, salt=s, n=1024, r=8, p=1)\n",
        "n=2**15, r=8, p=1, maxmem=2**26)",
    ),
    "the bits of stat": (
        "r",
        732,
        "import os\nimport stat\n\ndef f(p):\n    §os.chmod(p, stat.S_IRWXU | stat.S_IXGRP)\n",
        "os.chmod(p, 0o700)",
    ),
    "a curve that was imported": (
        "r",
        326,
        "from cryptography.hazmat.primitives.asymmetric.ec import SECP192R1, generate_private_key\n\n"
        "k = §generate_private_key(SECP192R1())\n",
        "generate_private_key(SECP256R1())",
    ),
    "the shortest password, not the longest": (
        "access-weak-password-policy",
        521,
        "def f(name, password):\n    if §len(password) < 4 or len(password) > 64:\n        return 1\n"
        "    return len(name) < 3\n",
        "if len(password) < 12 or len(password) > 64:\n        return 1\n    return len(name) < 3\n",
    ),
    "an initial vector on both sides": (
        "r",
        329,
        "from Crypto.Cipher import AES\n\nIV = b'0' * 16\n\n\ndef seal(key, text):\n"
        "    return AES.new(key, AES.MODE_CBC, §IV).encrypt(text).hex()\n\n\ndef read(key, data):\n"
        "    cipher = AES.new(key, AES.MODE_CBC, IV)\n    return cipher.decrypt(data)\n",
        "    return iv + AES.new(key, AES.MODE_CBC, iv).encrypt(text).hex()",
    ),
    "a dictionary of cells": (
        "r",
        1236,
        "import csv\n\ndef f(g, a):\n    w = csv.DictWriter(g, ['x'])\n    §w.writerow(a)\n",
        "w.writerow({key: safe_cell(cell) for key, cell in a.items()})",
    ),
    "XPath with a quoted value": (
        "r",
        643,
        "from lxml import etree\n\ndef f(t, n):\n    return §t.xpath(f\"//u[@n='{n}']/a\")\n",
        't.xpath("//u[@n=$n]/a", n=n)',
    ),
    "a repetition of a repetition": (
        "r",
        1333,
        "import re\n\nP = re.compile(§r'^(a+)*b(-\\w+)*c')\n",
        "r'^(a*)b(-\\w+)*c'",
    ),
    "a format template": (
        "format-template-input",
        134,
        "def f(template, user):\n    return §template.format(user=user)\n",
        "PlainFormatter().format(template, user=user)",
    ),
    "defusedxml": (
        "B314",
        611,
        "import xml.etree.ElementTree as ET\n\nt = §ET.parse('x')\n",
        "from defusedxml import ElementTree as ET\n",
    ),
    "a host of an address": (
        "r",
        20,
        "def f(url):\n    return §url.startswith('https://a.org/x')\n",
        '(url.startswith(\'https://a.org/x\') and (urlsplit(url).hostname or "") == "a.org")',
    ),
    "a missing value in a comparison": (
        "r",
        208,
        "def f(request, key):\n    return §request.headers.get('k') == key\n",
        "return same_secret(request.headers.get('k'), key)",
    ),
    "a number that is drawn": (
        "r",
        338,
        "import random\n\ndef f(a, b):\n    return §random.randint(a, b if b else 9)\n",
        "secrets.randbelow((b if b else 9) - a + 1) + a",
    ),
    "a group of its own": (
        "r",
        271,
        "import os as o\n\ndef f(u):\n    §o.setuid(u)\n",
        "o.setgid(pwd.getpwuid(u).pw_gid)",
    ),
    "the key that tokens are signed with": (
        "r",
        347,
        "import jwt\n\nKEY = g()\n\n\ndef make(c):\n    return jwt.encode(c, KEY)\n\n\ndef f(t):\n"
        "    return §jwt.decode(t, options={'verify_signature': False})\n",
        'return jwt.decode(t, key=KEY, algorithms=["HS256"])',
    ),
    "a date in HTML": (
        "r",
        79,
        "def f(when, name):\n    return §f'<p>{when:%H:%M} {name}</p>'\n",
        "{when:%H:%M} {html.escape(str(name))}",
    ),
    "a pickle that is written in bytes": (
        "r",
        502,
        "import gzip\nimport pickle\n\ndef f(p, x):\n    with gzip.open(p, 'wb') as g:\n        pickle.dump(x, g)\n\n\n"
        "def h(g):\n"
        "    return §pickle.load(g)\n",
        'gzip.open(p, "wt")',
    ),
}


def pointed(code: str) -> tuple[str, int, int]:
    """(code without §, line, column) of a place that § stands before."""
    at = code.index("§")
    return code.replace("§", ""), code[:at].count("\n") + 1, at - code.rfind("\n", 0, at)


@pytest.mark.parametrize("name", MENDED)
def test_a_rewrite_keeps_what_the_code_does(name):
    rule, cwe, marked, part = MENDED[name]
    code, line, column = pointed(marked)
    texts = proposals(code, rule, cwe, line, column)
    assert any(part in text for text in texts), texts


MENDED |= {
    "members of an archive": (
        "r",
        22,
        "import os\n\ndef f(folder, names):\n    for n in names:\n        d = os.path.join(folder, n)\n"
        "        os.makedirs(§os.path.dirname(d))\n",
        "safe_path(folder, os.path.join(folder, n))",
    ),
    "DES with a vector of its block size": (
        "crypto-weak-cipher",
        327,
        "from Crypto.Cipher import DES\nfrom Crypto.Random import get_random_bytes\n\ndef f(k, t):\n"
        "    iv = get_random_bytes(DES.block_size)\n    return iv + §DES.new(k, DES.MODE_CBC, iv).encrypt(t)\n",
        "AES.new(hashlib.sha256(k).digest(), AES.MODE_CBC, iv)",
    ),
}
DECLINED = {
    "a call that is no value": ("r", 340, "def f(send, t):\n    §send(t)\n", "token_urlsafe"),
    "a search path that is extended": ("r", 427, "import sys\n§sys.path.insert(0, '/tmp/x')\n", "basename(sys.path"),
    "a statement behind a condition": (
        "r",
        89,
        "import sqlite3\n\ndef f(c, k, x):\n    if x: §c.execute(f'SELECT a, b FROM t ORDER BY {k}')\n",
        "",
    ),
    "a path that is made already": (
        "r",
        22,
        "import os\n\ndef f(base, p):\n    d = base + p\n    os.makedirs(§os.path.dirname(d))\n",
        "basename(os.path",
    ),  # name: (rule, CWE, code with § before what the finding points to, what no text may have; empty: there is none)
    "IN with a joined list": (
        "r",
        89,
        "import sqlite3\n\ndef f(c, a):\n    §c.execute(f\"SELECT 1 FROM t WHERE a IN ({','.join(a)})\")\n",
        "",
    ),
    "a typed literal": (
        "r",
        89,
        "import psycopg2\n\ndef f(c, d):\n    §c.execute(f\"SELECT 1 FROM t WHERE a > DATE '{d}'\")\n",
        "",
    ),
    "a query of two sinks": (
        "r",
        89,
        "import sqlite3\n\ndef f(c, d, n):\n    q = f'SELECT 1 FROM t WHERE a = {n}'\n    §c.execute(q)\n    d.execute(q)\n",
        "",
    ),
    "a query that may be the caller's": (
        "r",
        89,
        "import sqlite3\n\ndef f(c, n, q):\n    if n:\n        q = f'SELECT 1 FROM t WHERE a = {n}'\n    §c.execute(q)\n",
        "(n,)",
    ),
    "a value within longer quotes": ("r", 78, "import os\n\ndef f(p):\n    §os.system(f\"echo 'a {p}' | wc\")\n", ""),
    "a program from a request": (
        "r",
        78,
        "import os\nfrom flask import request\n\ndef f():\n    §os.system(request.args['c'])\n",
        "",
    ),
    "the exit status in parts": ("r", 78, "import os\n\ndef f(p):\n    return §os.system('ls ' + p) >> 8\n", "subprocess"),
    "a branch as a comparison of git": (
        "command-argument-injection",
        88,
        "import subprocess\n\ndef f(b):\n    subprocess.run(['git', 'checkout', §b])\n",
        '"--"',
    ),
    "a value of an option": (
        "command-argument-injection",
        88,
        "import subprocess\n\ndef f(n):\n    subprocess.run(['head', '-n', §n])\n",
        '"--"',
    ),
    "a timeout that may be given": ("r", 1088, "import requests\n\ndef f(u, **k):\n    return §requests.get(u, **k)\n", ""),
    "a check that refuses a file": (
        "r",
        367,
        "import os\n\n\ndef f(p, d):\n    §if os.path.exists(p):\n        raise ValueError(p)\n    open(p, 'w').write(d)\n",
        "",
    ),
    "a check of two things": (
        "r",
        367,
        "import os\n\n\ndef f(p, u):\n    §if not (os.path.exists(p) and u.ok):\n        return 1\n    open(p).read()\n",
        "",
    ),
    "a text that another indentation changes": (
        "r",
        772,
        "def f(p):\n    §g = open(p, 'w')\n    g.write('''a\nb''')\n    g.close()\n",
        "",
    ),
    "a file that is given back": ("r", 772, "def f(p):\n    §g = open(p)\n    return g\n", ""),
    "a lock that is tried": ("r", 667, "def f(lock):\n    §lock.acquire(False)\n    g()\n    lock.release()\n", ""),
    "a socket without a host": (
        "r",
        327,
        "import ssl\n\ndef f(s):\n    return §ssl.wrap_socket(s)\n",
        "",
    ),
    "protocols that are excluded": (
        "configuration-old-tls",
        757,
        "import ssl\n\ndef f(c):\n    §c.options |= ssl.OP_NO_TLSv1\n",
        "",
    ),
    "a limit of calls": ("r", 352, "def f(limiter, view):\n    §limiter.exempt(view)\n", ""),
    "a cache": ("r", 614, "def f(cache):\n    §cache.set('a', 1)\n", "httponly"),
    "a folder from a request": (
        "r",
        22,
        "import os\nfrom flask import request\n\ndef f(n):\n    d = request.args['d']\n"
        "    return open(§os.path.join(d, n))\n",
        "safe_path",
    ),
    "the root as the folder": ("r", 22, "def f(n):\n    return open(§f'/{n}')\n", "safe_path"),
    "a folder that is removed": (
        "r",
        22,
        "import shutil\n\ndef f(base, name):\n    shutil.rmtree(§base / name)\n",
        "basename",
    ),
    "the last part of a whole path": (
        "r",
        22,
        "import os\n\ndef f(name):\n    return open(§os.path.join('/srv', name))\n",
        "basename(os.path",
    ),
    "a zip with a filter": (
        "r",
        22,
        "import tarfile\nimport zipfile\n\ndef f(p):\n    with zipfile.ZipFile(p) as z:\n        §z.extractall()\n",
        "filter=",
    ),
    "a check of the user beside dots": (
        "path-partial-filter",
        23,
        "def f(p, user):\n    p = safe_path('/srv', p)\n    if §'..' in p or not user.ok:\n        return 1\n",
        "",
    ),
    "a script": ("r", 79, "def f(n):\n    return §f'<script>a = {n}</script>'\n", ""),
    "a replacement that does more": (
        "r",
        116,
        "def f(t):\n    return §t.replace('<', '').replace('x', '<br>')\n",
        "return html.escape(t)\n",
    ),
    "functions of a module": (
        "code-reflection-input",
        470,
        "import os\n\ndef f(n):\n    return §getattr(os, n)()\n",
        "check_name",
    ),
    "a loader of the program's own": ("r", 502, "import yaml\n\ndef f(t):\n    return §yaml.load(t, Loader=Mine)\n", ""),
    "bytes for JSON": (
        "r",
        502,
        "import pickle\n\ndef f(g, x):\n    pickle.dump(x, g)\n\n\ndef h(g):\n    return §pickle.load(g)\n",
        "",
    ),
    "trees of defusedxml": (
        "B314",
        611,
        "import xml.etree.ElementTree as ET\n\nt = §ET.parse('x')\nET.SubElement(t, 'a')\n",
        "defusedxml",
    ),
    "an element of XPath": ("r", 643, "from lxml import etree\n\ndef f(t, n):\n    return §t.xpath(f'//{n}/a')\n", ""),
    "a membership in hosts": ("r", 20, "def f(hosts):\n    return §'a.org' in hosts\n", ""),
    "a prefix that is looked for": ("r", 319, "def f(url):\n    return §url.startswith('http://a')\n", ""),
    "an XML vocabulary": ("r", 319, "def f(x):\n    return x.find(§'http://www.w3.org/2000/svg')\n", ""),
    "a whole host": (
        "r",
        918,
        "import requests\n\ndef f(h):\n    return requests.get(§f'https://{h}/a', timeout=3)\n",
        "safe_name",
    ),
    "text that is quoted": (
        "r",
        918,
        "import requests\nfrom urllib.parse import urlencode\n\ndef f(q):\n"
        "    return requests.get(§f'https://a.org/?{urlencode(q)}', timeout=3)\n",
        "quote(",
    ),
    "a role beside a password": (
        "r",
        798,
        "def f(role, password):\n    return §role == 'admin' and password == 'S3cret!x'\n",
        '"ROLE"',
    ),
    "a port beside a host": ("r", 798, "def f(s):\n    §s.connect(('host', 8080))\n", ""),
    "an identity of nothing": ("r", 595, "def f(x):\n    return §x is None\n", ""),
    "a renamed file": ("r", 252, "def f(p, q):\n    §p.replace(q)\n", ""),
    "a counter": ("r", 770, "def f(r):\n    n = 0\n    §while r.read(9):\n        n += 1\n", "len(n)"),
    "a query beside an answer": (
        "access-user-enumeration",
        204,
        "def f(c):\n    §c.execute('SELECT name FROM users WHERE x IS NOT NULL')\n    return 'unknown user'\n",
        'execute("invalid',
    ),
    "a salt that is not kept": (
        "r",
        760,
        "import hashlib\n\ndef f(p):\n    return hashlib.sha256(§b'salt' + p).digest()\n",
        "urandom",
    ),
    "a file that is read": ("r", 377, "def f():\n    return open(§'/tmp/a.txt').read()\n", ""),
    "a decryptor": (
        "crypto-ecb-mode",
        327,
        "from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes\n\ndef f(k, t):\n"
        "    c = §Cipher(algorithms.AES(k), modes.ECB())\n    return c.decryptor().update(t)\n",
        "GCM",
    ),
    "a function of the program's own": ("r", 95, "def eval(x):\n    return x\n\n\ny = §eval('1')\n", ""),
}


@pytest.mark.parametrize("name", DECLINED)
def test_a_rewrite_declines_what_it_would_break_or_leave_open(name):
    rule, cwe, marked, part = DECLINED[name]
    code, line, column = pointed(marked)
    texts = proposals(code, rule, cwe, line, column)
    assert not any(part in text for text in texts), texts


def test_a_secret_is_compared_like_any_value():
    text = proposals("def f(a, b):\n    return a == b\n", "r", 208, 2)[1]
    names: dict[str, object] = {}
    exec(text, names)
    pairs = [("é", "é"), ("a", "b"), (b"a", b"a"), (None, "None"), (None, None), (3, 3), ("a", b"a")]
    assert [names["f"](a, b) for a, b in pairs] == [a == b for a, b in pairs]


def test_a_vector_is_read_where_it_was_put():
    code, line, column = pointed(MENDED["an initial vector on both sides"][2])
    (text,) = proposals(code, "r", 329, line, column)
    assert (
        "    iv, data = data[:16], data[16:]\n    cipher = AES.new(key, AES.MODE_CBC, iv)\n" in text and "IV =" not in text
    )


def test_entities_are_refused_in_every_encoding():
    code, line, _ = pointed("from xml.dom import minidom\n\ndef f(d):\n    return minidom.parseString(§d)\n")
    text = next(t for t in proposals(code, "B318", 611, line) if "check_entities" in t)
    names: dict[str, object] = {}
    exec(text, names)
    assert names["f"]("<a/>") and names["f"]("<a/>".encode("utf-16"))
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(ValueError):
            names["f"]('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode(encoding))


def test_a_format_template_reaches_no_attributes():
    code, line, column = pointed(MENDED["a format template"][2])
    names: dict[str, object] = {}
    exec(proposals(code, "format-template-input", 134, line, column)[0], names)
    assert names["f"]("{user:>3}{user!r}", 1) == "  11"
    with pytest.raises(ValueError):
        names["f"]("{user.__class__}", 1)


def test_the_module_s_own_hash_password_is_not_called_by_itself():
    code = (
        "import hashlib\nimport hmac\n\n\ndef hash_password(password):\n"
        "    return hashlib.sha512(password.encode()).hexdigest()\n\n\n"
        "def check_password(password, stored):\n    digest = hashlib.sha512(password.encode()).hexdigest()\n"
        "    return hmac.compare_digest(stored, digest)\n"
    )
    names: dict[str, object] = {}
    exec(proposals(code, "crypto-fast-password-hash", 916, 6)[0].replace("600_000", "1000"), names)
    assert names["check_password"]("right", names["hash_password"]("right"))
