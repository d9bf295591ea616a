import base64
import pickle

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.get("/preferences")
def preferences():
    """Return the preferences that the browser keeps in a cookie."""
    raw = request.cookies.get("prefs")
    if raw is None:
        return jsonify(theme="light", language="en")
    prefs = pickle.loads(base64.b64decode(raw))
    return jsonify(theme=prefs["theme"], language=prefs["language"])
