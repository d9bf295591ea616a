import os
from http.server import HTTPServer, SimpleHTTPRequestHandler
from flask import Flask, jsonify

app = Flask(__name__)


def weak():
    # ruleid: configuration-folder-listing
    return HTTPServer(("127.0.0.1", 8000), SimpleHTTPRequestHandler)


@app.route("/files")
def files():
    # ruleid: configuration-folder-listing
    return jsonify(os.listdir("uploads"))


def fine(handler):
    # ok: configuration-folder-listing
    return HTTPServer(("127.0.0.1", 8000), handler)


def names(folder):
    # ok: configuration-folder-listing
    return sorted(os.listdir(folder))
