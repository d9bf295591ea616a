from flask import request


def checkout():
    # ruleid: access-client-side-price
    price = float(request.form["price"])
    data = request.get_json()
    # ruleid: access-client-side-price
    discount = data.get("discount")
    return charge(price - discount)


def place_order():
    # ruleid: access-client-side-price
    return charge(request.json["total"])


def pay():
    # ok: access-client-side-price
    item = request.form["item_id"]
    # ok: access-client-side-price
    count = int(request.form["quantity"])
    return charge(PRICES[item] * count)


def add_product():
    # ok: access-client-side-price
    return save(request.form["price"])
