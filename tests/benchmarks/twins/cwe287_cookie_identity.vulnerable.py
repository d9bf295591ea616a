from functools import wraps

from flask import Flask, abort, g, jsonify, request

from .models import find_user

app = Flask(__name__)


def signed_in(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        username = request.cookies.get("username")
        g.user = find_user(username) if username else None
        if g.user is None:
            abort(401)
        return view(*args, **kwargs)

    return wrapper


@app.get("/orders")
@signed_in
def my_orders():
    return jsonify([order.summary() for order in g.user.orders])
