import threading
from flask import request


def weak(sock):
    data = b""
    # ruleid: robustness-unbounded-read
    while True:
        chunk = sock.recv(4096)
        if not chunk:
            break
        data += chunk
    return data


def body():
    # ruleid: robustness-unbounded-read
    return request.stream.read()


def serve(server):
    # ruleid: robustness-unbounded-read
    while True:
        conn, addr = server.accept()
        threading.Thread(target=work, args=(conn,)).start()


def fine(sock):
    data = b""
    # ok: robustness-unbounded-read
    while True:
        chunk = sock.recv(4096)
        if not chunk or len(data) > 65536:
            break
        data += chunk
    return data


def echo(sock):
    # ok: robustness-unbounded-read
    while True:
        chunk = sock.recv(4096)
        if not chunk:
            break
        sock.sendall(chunk)


def limited():
    # ok: robustness-unbounded-read
    return request.stream.read(4096)
