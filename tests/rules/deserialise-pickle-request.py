import base64
import hmac
import json
import pickle

from flask import Flask, abort, request

app = Flask(__name__)


@app.route("/load", methods=["POST"])
def load():
    # ruleid: deserialise-pickle-request
    return str(pickle.loads(request.data))


@app.route("/cookie")
def cookie():
    raw = base64.b64decode(request.cookies["state"])
    # ruleid: deserialise-pickle-request
    return str(pickle.loads(raw))


@app.route("/signed", methods=["POST"])
def signed():
    if not hmac.compare_digest(sign(request.data), request.headers["Signature"]):
        abort(403)
    # ok: deserialise-pickle-request
    return str(pickle.loads(request.data))


@app.route("/json", methods=["POST"])
def as_json():
    # ok: deserialise-pickle-request
    return str(json.loads(request.data))
