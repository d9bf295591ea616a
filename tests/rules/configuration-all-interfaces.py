import socket
from http.server import HTTPServer


def weak(app, handler):
    s = socket.socket()
    # ruleid: configuration-all-interfaces
    s.bind(("0.0.0.0", 80))
    # ruleid: configuration-all-interfaces
    s.bind(("", 80))
    # ruleid: configuration-all-interfaces
    app.run(host="0.0.0.0", port=80)
    # ruleid: configuration-all-interfaces
    return HTTPServer(("0.0.0.0", 8000), handler)


def fine(app, handler):
    s = socket.socket()
    # ok: configuration-all-interfaces
    s.bind(("127.0.0.1", 80))
    # ok: configuration-all-interfaces
    app.run(host="127.0.0.1")
    # ok: configuration-all-interfaces
    app.run()
    # ok: configuration-all-interfaces
    return HTTPServer(("localhost", 8000), handler)
