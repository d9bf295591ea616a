import base64
import pickle

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/cart")
def cart():
    """Show the cart that the visitor's cookie holds."""
    cookie = request.cookies.get("cart")
    if cookie is None:
        return jsonify([])
    items = pickle.loads(base64.b64decode(cookie))
    return jsonify(items)
