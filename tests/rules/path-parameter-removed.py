import os
import shutil
from pathlib import Path

BASE = Path("/srv/files")


def delete(name):
    # ruleid: path-parameter-removed
    os.remove(name)


def delete_tree(folder):
    # ruleid: path-parameter-removed
    shutil.rmtree(folder, ignore_errors=True)


def delete_checked(name):
    target = (BASE / name).resolve()
    if not target.is_relative_to(BASE):
        raise ValueError(name)
    # ok: path-parameter-removed
    os.remove(target)


def delete_own():
    # ok: path-parameter-removed
    os.remove("/tmp/state")
