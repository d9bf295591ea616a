import os


def configure(name, value):
    # ruleid: environ-from-parameter
    os.environ[name] = value


def configure_known(value):
    if value not in ("debug", "release"):
        raise ValueError(value)
    # ok: environ-from-parameter
    os.environ["MODE"] = value


def configure_count(count: int):
    # ok: environ-from-parameter
    os.environ["COUNT"] = str(count)
