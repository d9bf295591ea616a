import os

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/ping")
def ping_host():
    """Check whether a host answers."""
    host = request.args.get("host", "127.0.0.1")
    status = os.system("ping -c 1 -W 2 " + host)
    return jsonify(host=host, reachable=status == 0)
