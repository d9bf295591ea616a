import re

from flask import Flask, Response, abort, request

app = Flask(__name__)
MANUALS = "/opt/manuals/"
PAGE_NAME = re.compile(r"[a-z0-9_-]{1,40}\.txt")


@app.get("/manual")
def show_manual():
    """Return one page of the manual as plain text."""
    page = request.args.get("page", "index.txt")
    if not PAGE_NAME.fullmatch(page):
        abort(404)
    try:
        with open(MANUALS + page, encoding="utf-8") as handle:
            text = handle.read()
    except FileNotFoundError:
        abort(404)
    return Response(text, mimetype="text/plain")
