import hashlib
import subprocess
import urllib.request

import requests


def install(url):
    # ruleid: download-run-unchecked
    urllib.request.urlretrieve(url, "/tmp/setup.sh")
    subprocess.run(["sh", "/tmp/setup.sh"], check=True)


def install_tool():
    # ruleid: download-run-unchecked
    answer = requests.get("https://example.com/tool.bin", timeout=5)
    with open("tool.bin", "wb") as file:
        file.write(answer.content)
    subprocess.run(["./tool.bin"], check=True)


def install_checked(url, digest):
    # ok: download-run-unchecked
    data = requests.get(url, timeout=5).content
    if hashlib.sha256(data).hexdigest() != digest:
        raise ValueError("digest")
    with open("tool.bin", "wb") as file:
        file.write(data)
    subprocess.run(["./tool.bin"], check=True)


def save(url):
    # ok: download-run-unchecked
    return requests.get(url, timeout=5).content
