import os
from pathlib import Path

from flask import Flask, abort, request, send_file, send_from_directory
from werkzeug.utils import secure_filename

app = Flask(__name__)
BASE = "/srv/files"


@app.route("/read")
def read():
    name = request.args["name"]
    # ruleid: path-from-request
    with open(os.path.join(BASE, name)) as file:
        return file.read()


@app.route("/download/<path:name>")
def download(name):
    # ruleid: path-from-request
    return send_file(f"/srv/files/{name}")


@app.route("/remove", methods=["POST"])
def remove():
    # ruleid: path-from-request
    os.remove(BASE + "/" + request.form["name"])
    # ruleid: path-from-request
    return (Path(BASE) / request.form["name"]).read_text()


@app.route("/safe")
def read_safely():
    full = os.path.realpath(os.path.join(BASE, request.args["name"]))
    if os.path.commonpath([BASE, full]) != BASE:
        abort(404)
    # ok: path-from-request
    with open(full) as file:
        return file.read()


@app.route("/resolved")
def read_resolved():
    target = (Path(BASE) / request.args["name"]).resolve()
    if not target.is_relative_to(BASE):
        abort(404)
    # ok: path-from-request
    return target.read_text()


@app.route("/named")
def read_named():
    # ok: path-from-request
    return open(os.path.join(BASE, secure_filename(request.args["name"]))).read()


@app.route("/sent/<name>")
def sent(name):
    # ok: path-from-request
    return send_from_directory(BASE, name)


def remove_entry(request):
    entries = {entry.name: entry for entry in Path(BASE).iterdir() if entry.is_file()}
    found = entries.get(request.POST["name"])
    if found is not None:
        # ok: path-from-request
        found.unlink()
