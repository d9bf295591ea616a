import os
from flask import Flask, jsonify

app = Flask(__name__)


@app.route("/user/<int:uid>")
def show(uid):
    user = find(uid)
    # ruleid: secrets-in-response
    return jsonify({"name": user.name, "password": user.password})


@app.route("/env")
def env():
    # ruleid: secrets-in-response
    return jsonify(dict(os.environ))


@app.route("/me")
def me():
    user = find(1)
    # ruleid: secrets-in-response
    return jsonify(user.__dict__)


@app.route("/ok/<int:uid>")
def fine(uid):
    user = find(uid)
    # ok: secrets-in-response
    return jsonify({"id": user.id, "name": user.name})


def build(password):
    # ok: secrets-in-response
    return {"password": password}


@app.route("/health")
def health():
    # ok: secrets-in-response
    return jsonify({"status": "ok", "password": "unset"})


@app.route("/status")
def status_of_service():
    # ruleid: secrets-in-response
    return jsonify(status="ok", environment=dict(os.environ))


@app.route("/health")
def health():
    # ok: secrets-in-response
    return jsonify(status="ok", environment=os.environ.get("STAGE"))
