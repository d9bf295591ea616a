from http.server import BaseHTTPRequestHandler

from flask import request

MAX_BODY = 1000000


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        # ruleid: resource-body-unbounded
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(body)


def upload():
    # ruleid: resource-body-unbounded
    return store(request.stream.read())


def upload_bounded():
    # ok: resource-body-unbounded
    return store(request.stream.read(MAX_BODY))


def upload_checked():
    if request.content_length > MAX_BODY:
        return "too large"
    # ok: resource-body-unbounded
    return store(request.stream.read())
