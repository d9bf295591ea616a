import os
import re
from flask import Flask, request

app = Flask(__name__)


def weak(text):
    # ruleid: robustness-none-access
    a = re.match(r"(\d+)", text).group(1)
    # ruleid: robustness-none-access
    b = os.environ.get("MODE").lower()
    # ruleid: robustness-none-access
    c = request.args.get("name").strip()
    return a, b, c


@app.route("/u/<name>")
def user(name):
    found = User.query.filter_by(name=name).first()
    # ruleid: robustness-none-access
    return found.email


@app.route("/v/<name>")
def checked(name):
    found = User.query.filter_by(name=name).first()
    if found is None:
        return "no", 404
    # ok: robustness-none-access
    return found.email


def fine(text, data):
    found = re.match(r"(\d+)", text)
    # ok: robustness-none-access
    a = found.group(1) if found else ""
    # ok: robustness-none-access
    b = os.environ.get("MODE", "x").lower()
    # ok: robustness-none-access
    c = data.get("x", "").strip()
    return a, b, c
