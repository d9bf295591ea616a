import socket


def weak(address):
    host = socket.gethostbyaddr(address)[0]
    # ruleid: access-dns-check
    if host.endswith(".example.org"):
        return True
    return False


def weaker(address):
    # ruleid: access-dns-check
    return socket.gethostbyaddr(address)[0] == "trusted.example.org"


def third(address):
    name = socket.getfqdn(address)
    # ruleid: access-dns-check
    return name in {"a.example.org"}


def fine(address, log):
    # ok: access-dns-check
    log.info("name %s", socket.gethostbyaddr(address)[0])
    # ok: access-dns-check
    mine = socket.gethostname()
    # ok: access-dns-check
    return mine == "box"
