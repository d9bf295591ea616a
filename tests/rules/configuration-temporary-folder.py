import os
import tempfile


def weak(name):
    # ruleid: configuration-temporary-folder
    os.makedirs("/tmp/app", exist_ok=True)
    # ruleid: configuration-temporary-folder
    os.mkdir(os.path.join(tempfile.gettempdir(), "app"))
    # ruleid: configuration-temporary-folder
    return tempfile.NamedTemporaryFile(dir="/tmp/shared")


def fine(name):
    # ok: configuration-temporary-folder
    os.makedirs("/var/lib/app", exist_ok=True)
    # ok: configuration-temporary-folder
    folder = tempfile.mkdtemp()
    # ok: configuration-temporary-folder
    return tempfile.NamedTemporaryFile(dir=folder)
