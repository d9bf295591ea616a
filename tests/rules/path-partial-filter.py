import os

BASE = "/srv/files"


def clean(name):
    # ruleid: path-partial-filter
    return name.replace("../", "")


def clean_more(name):
    # ruleid: path-partial-filter
    return os.path.join(BASE, name.replace("..", ""))


def dashes(name):
    # ok: path-partial-filter
    return name.replace("-", "")


def checked(name):
    # ok: path-partial-filter
    full = os.path.realpath(os.path.join(BASE, name.replace("../", "")))
    if not full.startswith(BASE + "/"):
        raise ValueError(name)
    return full
