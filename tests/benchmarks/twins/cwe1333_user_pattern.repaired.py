from flask import Flask, abort, jsonify, request

from .auth import login_required
from .logs import recent_lines

app = Flask(__name__)


@app.get("/logs/search")
@login_required
def search_logs():
    """Return the log lines that hold the user's text."""
    text = request.args["pattern"]
    if len(text) > 100:
        abort(400)
    lines = [line for line in recent_lines(1000) if text in line]
    return jsonify(lines=lines)
