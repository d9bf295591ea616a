import ipaddress
import subprocess

from flask import Flask, abort, jsonify, request

app = Flask(__name__)


@app.route("/ping")
def ping_host():
    """Check whether a host answers."""
    try:
        host = str(ipaddress.ip_address(request.args.get("host", "127.0.0.1")))
    except ValueError:
        abort(400)
    result = subprocess.run(
        ["/bin/ping", "-c", "1", "-W", "2", host],
        stdout=subprocess.DEVNULL,
        timeout=5,
        check=False,
    )
    return jsonify(host=host, reachable=result.returncode == 0)
