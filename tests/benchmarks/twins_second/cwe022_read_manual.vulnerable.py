import os

from flask import Flask, Response, abort, request

app = Flask(__name__)
MANUALS = "/srv/manuals"


@app.route("/manual")
def manual():
    page = request.args.get("page", "index.txt")
    path = os.path.join(MANUALS, page)
    if not os.path.isfile(path):
        abort(404)
    with open(path, encoding="utf-8") as handle:
        return Response(handle.read(), mimetype="text/plain")
