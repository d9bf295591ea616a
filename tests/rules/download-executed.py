import hashlib
import json
import urllib.request

import requests


def update():
    # ruleid: download-executed
    exec(requests.get("https://example.com/update.py", timeout=5).text)


def install():
    code = urllib.request.urlopen("https://example.com/install.py").read()
    # ruleid: download-executed
    exec(code.decode())


def update_checked(digest):
    code = requests.get("https://example.com/update.py", timeout=5).content
    if hashlib.sha256(code).hexdigest() != digest:
        raise ValueError("digest")
    # ok: download-executed
    exec(code)


def settings():
    # ok: download-executed
    return json.loads(requests.get("https://example.com/settings.json", timeout=5).text)
