import base64
import json

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.get("/preferences")
def preferences():
    """Return the preferences that the browser keeps in a cookie."""
    raw = request.cookies.get("prefs")
    if raw is None:
        return jsonify(theme="light", language="en")
    try:
        prefs = json.loads(base64.b64decode(raw))
        return jsonify(theme=str(prefs["theme"]), language=str(prefs["language"]))
    except (ValueError, KeyError, TypeError):
        return jsonify(error="invalid preferences"), 400
