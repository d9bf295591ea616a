from urllib.parse import urlparse

from django.shortcuts import redirect as go
from django.utils.http import url_has_allowed_host_and_scheme
from flask import Flask, redirect, request, url_for

app = Flask(__name__)


@app.route("/login")
def login():
    target = request.args.get("next", "/")
    # ruleid: redirect-open-request
    return redirect(target)


@app.route("/home")
def home():
    # ok: redirect-open-request
    return redirect(url_for("profile", name=request.args["name"]))


@app.route("/checked")
def checked():
    target = request.args.get("next", "/")
    if urlparse(target).netloc:
        target = "/"
    # ok: redirect-open-request
    return redirect(target)


@app.route("/item")
def item():
    # ok: redirect-open-request
    return redirect(f"/items/{request.args['item']}")


def view(request):
    # ruleid: redirect-open-request
    return go(request.GET["next"])


def safe_view(request):
    target = request.GET["next"]
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    # ok: redirect-open-request
    return go(target)
