import os

from flask import Flask, jsonify, request
from pymongo import MongoClient

from .limits import limiter

app = Flask(__name__)
db = MongoClient(os.environ["MONGO_URL"]).store


@app.post("/coupons/redeem")
@limiter.limit("10/minute")
def check_coupon():
    body = request.get_json()
    coupon = db.coupons.find_one({"code": body["code"], "pin": body["pin"]})
    if coupon is None:
        return jsonify(valid=False), 404
    return jsonify(valid=True, discount=coupon["discount"])
