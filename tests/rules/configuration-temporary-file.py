import os
import tempfile


def weak(name, data):
    # ruleid: configuration-temporary-file
    a = tempfile.mktemp()
    # ruleid: configuration-temporary-file
    with open("/tmp/report.txt", "w") as handle:
        handle.write(data)
    # ruleid: configuration-temporary-file
    with open(f"/tmp/{name}.txt", "w") as handle:
        handle.write(data)
    path = os.path.join("/tmp", name)
    # ruleid: configuration-temporary-file
    with open(path, "w") as handle:
        handle.write(data)
    return a


def fine(name, data):
    # ok: configuration-temporary-file
    with tempfile.NamedTemporaryFile("w") as handle:
        handle.write(data)
    # ok: configuration-temporary-file
    fd, path = tempfile.mkstemp()
    # ok: configuration-temporary-file
    with open("/tmp/report.txt") as handle:
        data = handle.read()
    # ok: configuration-temporary-file
    with open("/var/log/app.log", "a") as handle:
        handle.write(data)
    with tempfile.TemporaryDirectory() as folder:
        inner = os.path.join(folder, name)
        # ok: configuration-temporary-file
        with open(inner, "w") as handle:
            handle.write(data)
    return fd, path
