"""Rewrites of security findings: what each family writes, and code that it leaves alone."""

from __future__ import annotations

import ast
import hashlib

import pytest
from flaw_proposals import pointed, proposals

from ncg_ray.repair.draft import Draft
from ncg_ray.repair.flaws import BY_CWE, BY_RULE
from ncg_ray.repair.source import Source

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
        code, line, column = pointed(code)
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
