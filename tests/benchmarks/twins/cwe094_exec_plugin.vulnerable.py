from flask import Flask, jsonify, request

from .auth import login_required

app = Flask(__name__)


@app.post("/transform")
@login_required
def transform_rows():
    """Apply the user's transformation to each row."""
    payload = request.get_json()
    scope = {"rows": payload["rows"], "result": []}
    exec(payload["script"], {}, scope)
    return jsonify(scope["result"])
