from flask import request


def weak():
    amount = int(request.form["amount"])
    # ruleid: robustness-assert-input
    assert amount > 0
    # ruleid: robustness-assert-input
    assert request.args.get("x"), "missing"
    return amount


def read():
    age = int(input("age"))
    # ruleid: robustness-assert-input
    assert age >= 0
    return age


def fine(items):
    # ok: robustness-assert-input
    assert len(items) > 0
    amount = int(request.form["amount"])
    if amount <= 0:
        raise ValueError
    # ok: robustness-assert-input
    assert items
    return amount
