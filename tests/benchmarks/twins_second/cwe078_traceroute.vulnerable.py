import os

from flask import Flask, Response, abort, request

app = Flask(__name__)


@app.route("/traceroute")
def traceroute():
    host = request.args.get("host")
    if not host:
        abort(400)
    output = os.popen("traceroute -m 10 " + host).read()
    return Response(output, mimetype="text/plain")
