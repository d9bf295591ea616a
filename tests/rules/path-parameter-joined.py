import os
from pathlib import Path

BASE = "/srv/files"
KINDS = {"a": "a.txt"}


def read(name):
    # ruleid: path-parameter-joined
    with open(os.path.join(BASE, name)) as file:
        return file.read()


def write(user: str, text: str):
    path = Path(BASE) / user
    # ruleid: path-parameter-joined
    path.write_text(text)


def read_text(name):
    # ruleid: path-parameter-joined
    return open(f"{BASE}/{name}.txt").read()


def read_checked(name):
    full = os.path.realpath(os.path.join(BASE, name))
    if not full.startswith(BASE + os.sep):
        raise ValueError(name)
    # ok: path-parameter-joined
    return open(full).read()


def read_base_name(name):
    # ok: path-parameter-joined
    return open(os.path.join(BASE, os.path.basename(name))).read()


def read_direct(path):
    # ok: path-parameter-joined
    return open(path).read()


def read_under(folder):
    # ok: path-parameter-joined
    return open(os.path.join(folder, "settings.json")).read()


def read_kind(kind):
    # ok: path-parameter-joined
    return open(os.path.join(BASE, KINDS[kind])).read()
