import os

BASE = "/srv/files"


def read(name):
    # ruleid: path-absolute-join
    if ".." in name:
        raise ValueError(name)
    return open(os.path.join(BASE, name)).read()


def read_checked(name):
    # ok: path-absolute-join
    if ".." in name or os.path.isabs(name):
        raise ValueError(name)
    return open(os.path.join(BASE, name)).read()


def dots(text):
    # ok: path-absolute-join
    return ".." in text
