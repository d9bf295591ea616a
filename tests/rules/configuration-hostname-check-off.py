import socket
import ssl


def weak(host):
    context = ssl.create_default_context()
    # ruleid: configuration-hostname-check-off
    context.check_hostname = False
    return context


def wrapped(host):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    sock = socket.socket()
    sock.connect((host, 443))
    # ruleid: configuration-hostname-check-off
    return context.wrap_socket(sock)


def pool(urllib3):
    # ruleid: configuration-hostname-check-off
    return urllib3.PoolManager(assert_hostname=False)


def fine(host, sock):
    # ok: configuration-hostname-check-off
    context = ssl.create_default_context()
    # ok: configuration-hostname-check-off
    context.check_hostname = True
    # ok: configuration-hostname-check-off
    return context.wrap_socket(sock, server_hostname=host)
