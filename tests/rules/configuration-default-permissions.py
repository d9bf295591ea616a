import os


def weak(path):
    # ruleid: configuration-default-permissions
    os.umask(0)
    # ruleid: configuration-default-permissions
    fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o666)
    # ruleid: configuration-default-permissions
    os.mkdir(path, 0o777)
    # ruleid: configuration-default-permissions
    os.makedirs(path, mode=0o777, exist_ok=True)
    return fd


def fine(path):
    # ok: configuration-default-permissions
    os.umask(0o077)
    # ok: configuration-default-permissions
    fd = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    # ok: configuration-default-permissions
    os.mkdir(path, 0o700)
    # ok: configuration-default-permissions
    os.makedirs(path, exist_ok=True)
    return fd
