from flask import Flask, abort, jsonify, request
from pymongo import MongoClient

app = Flask(__name__)
coupons = MongoClient("mongodb://localhost:27017/").shop.coupons


@app.route("/coupons/check", methods=["POST"])
def check_coupon():
    """Tell what a coupon is worth, by its code."""
    body = request.get_json()
    code = body.get("code")
    if not isinstance(code, str):
        abort(400)
    coupon = coupons.find_one({"code": {"$eq": code}, "used": False})
    if coupon is None:
        abort(404)
    return jsonify({"code": coupon["code"], "worth": coupon["worth"]})
