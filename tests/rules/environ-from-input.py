import os

from flask import Flask, request

app = Flask(__name__)


@app.route("/setting", methods=["POST"])
def setting():
    # ruleid: environ-from-input
    os.environ[request.form["name"]] = "1"
    # ruleid: environ-from-input
    os.environ["MODE"] = request.form["mode"]
    mode = request.form["mode"]
    if mode not in ("a", "b"):
        return "bad", 400
    # ok: environ-from-input
    os.environ["MODE"] = mode
    # ok: environ-from-input
    os.environ["STARTED"] = "1"
    return os.environ["MODE"]
