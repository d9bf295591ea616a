import socket


def weak(asyncio, handler):
    s = socket.socket()
    # ruleid: configuration-shared-port
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    # ruleid: configuration-shared-port
    return asyncio.start_server(handler, "127.0.0.1", 80, reuse_port=True)


def fine(asyncio, handler):
    s = socket.socket()
    # ok: configuration-shared-port
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # ok: configuration-shared-port
    return asyncio.start_server(handler, "127.0.0.1", 80)
