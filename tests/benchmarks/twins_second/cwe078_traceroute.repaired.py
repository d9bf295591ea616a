import ipaddress
import subprocess

from flask import Flask, Response, abort, request

app = Flask(__name__)


@app.route("/traceroute")
def traceroute():
    host = request.args.get("host")
    if not host:
        abort(400)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        abort(400)
    result = subprocess.run(
        ["/usr/bin/traceroute", "-m", "10", str(address)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return Response(result.stdout, mimetype="text/plain")
