import os
import sys

from flask import Flask, request

app = Flask(__name__)


@app.route("/plugin")
def plugin():
    # ruleid: search-path-from-input
    sys.path.append(request.args["folder"])
    # ok: search-path-from-input
    sys.path.append("/opt/plugins")
    return "done"


def main():
    # ruleid: search-path-from-input
    sys.path.insert(0, sys.argv[1])
    folder = input("folder: ")
    # ruleid: search-path-from-input
    os.environ["PATH"] = folder + ":" + os.environ["PATH"]
    # ok: search-path-from-input
    sys.path.insert(0, os.path.dirname(__file__))
