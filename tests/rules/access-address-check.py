from flask import request

TRUSTED = {"10.0.0.1"}


def weak():
    # ruleid: access-address-check
    if request.remote_addr == "10.0.0.1":
        return secret()


def weaker():
    address = request.remote_addr
    # ruleid: access-address-check
    if address in TRUSTED:
        return secret()


def prefix():
    # ruleid: access-address-check
    if request.remote_addr.startswith("192.168."):
        return secret()


def fine(log, counts):
    # ok: access-address-check
    log.info("call from %s", request.remote_addr)
    # ok: access-address-check
    counts[request.remote_addr] = counts.get(request.remote_addr, 0) + 1
    # ok: access-address-check
    return request.path == "/x"
