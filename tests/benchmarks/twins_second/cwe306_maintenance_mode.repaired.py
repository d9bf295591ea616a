import hmac
import os

from flask import Flask, abort, jsonify, request

app = Flask(__name__)
STATE = {"maintenance": False}


@app.route("/admin/maintenance/<switch>", methods=["POST"])
def maintenance(switch):
    """Put the shop in or out of maintenance; for the operators' tool."""
    token = request.headers.get("X-Operator-Token", "").encode()
    if not hmac.compare_digest(token, os.environ["OPERATOR_TOKEN"].encode()):
        abort(401)
    STATE["maintenance"] = switch == "on"
    return jsonify(STATE)
