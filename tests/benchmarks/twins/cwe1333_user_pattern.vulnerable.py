import re

from flask import Flask, jsonify, request

from .auth import login_required
from .logs import recent_lines

app = Flask(__name__)


@app.get("/logs/search")
@login_required
def search_logs():
    """Return the log lines that match the user's pattern."""
    pattern = request.args["pattern"]
    lines = [line for line in recent_lines(1000) if re.search(pattern, line)]
    return jsonify(lines=lines)
