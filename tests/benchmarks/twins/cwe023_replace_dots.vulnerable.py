from flask import Flask, Response, abort, request

app = Flask(__name__)
MANUALS = "/opt/manuals/"


@app.get("/manual")
def show_manual():
    """Return one page of the manual as plain text."""
    page = request.args.get("page", "index.txt")
    page = page.replace("../", "")
    try:
        with open(MANUALS + page, encoding="utf-8") as handle:
            text = handle.read()
    except FileNotFoundError:
        abort(404)
    return Response(text, mimetype="text/plain")
