import re

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/notes/search")
def search_notes():
    """Return the lines of the notes in which the words occur."""
    words = request.args.get("words", "")
    with open("notes.txt", encoding="utf-8") as handle:
        lines = handle.read().splitlines()
    pattern = re.compile(re.escape(words), re.IGNORECASE)
    return jsonify([line for line in lines if pattern.search(line)])
