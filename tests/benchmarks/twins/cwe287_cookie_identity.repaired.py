import os
from functools import wraps

from flask import Flask, abort, g, jsonify, session

from .models import find_user_by_id

app = Flask(__name__)
app.secret_key = os.environ["FLASK_SECRET_KEY"]
app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax")


def signed_in(view):
    @wraps(view)
    def wrapper(*args, **kwargs):
        user_id = session.get("user_id")
        g.user = find_user_by_id(user_id) if user_id else None
        if g.user is None:
            abort(401)
        return view(*args, **kwargs)

    return wrapper


@app.get("/orders")
@signed_in
def my_orders():
    return jsonify([order.summary() for order in g.user.orders])
