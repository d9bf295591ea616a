"""Rewrites of security findings: what they keep of ordinary code, and what they decline."""

from __future__ import annotations

import pytest
from flaw_proposals import pointed, proposals

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


@pytest.mark.parametrize("name", MENDED)
def test_a_rewrite_keeps_what_the_code_does(name):
    rule, cwe, marked, part = MENDED[name]
    code, line, column = pointed(marked)
    texts = proposals(code, rule, cwe, line, column)
    assert any(part in text for text in texts), texts


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
