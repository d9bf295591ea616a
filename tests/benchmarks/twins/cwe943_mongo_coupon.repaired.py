import os

from flask import Flask, abort, jsonify, request
from pymongo import MongoClient

from .limits import limiter

app = Flask(__name__)
db = MongoClient(os.environ["MONGO_URL"]).store


@app.post("/coupons/redeem")
@limiter.limit("10/minute")
def check_coupon():
    body = request.get_json()
    code = body.get("code")
    pin = body.get("pin")
    if not isinstance(code, str) or not isinstance(pin, str):
        abort(400)
    coupon = db.coupons.find_one({"code": {"$eq": code}, "pin": {"$eq": pin}})
    if coupon is None:
        return jsonify(valid=False), 404
    return jsonify(valid=True, discount=coupon["discount"])
