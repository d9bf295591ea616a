from flask import Flask, abort, jsonify, request

from .auth import login_required

app = Flask(__name__)


def uppercase(row):
    return {key: str(value).upper() for key, value in row.items()}


def drop_empty(row):
    return {key: value for key, value in row.items() if value not in ("", None)}


TRANSFORMATIONS = {"uppercase": uppercase, "drop_empty": drop_empty}


@app.post("/transform")
@login_required
def transform_rows():
    """Apply the user's transformation to each row."""
    payload = request.get_json()
    function = TRANSFORMATIONS.get(payload.get("name"))
    if function is None:
        abort(400)
    return jsonify([function(row) for row in payload["rows"]])
