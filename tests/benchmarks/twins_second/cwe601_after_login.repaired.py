from urllib.parse import urlsplit

from flask import Flask, redirect, request

app = Flask(__name__)


def is_local(target):
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or "\\" in target:
        return False
    return target.startswith("/") and not target.startswith("//")


@app.route("/continue")
def after_login():
    target = request.args.get("next", "/")
    if not is_local(target):
        target = "/"
    return redirect(target)
