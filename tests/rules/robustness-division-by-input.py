from flask import request


def weak():
    n = int(request.args["n"])
    # ruleid: robustness-division-by-input
    return str(100 / n)


def weaker():
    # ruleid: robustness-division-by-input
    return 100 // int(input("n"))


def third():
    data = request.get_json()
    # ruleid: robustness-division-by-input
    return data["sum"] / data["count"]


def fine():
    n = int(request.args["n"])
    if n == 0:
        return "no"
    # ok: robustness-division-by-input
    return str(100 / n)


def caught():
    n = int(request.args["n"])
    try:
        # ok: robustness-division-by-input
        return str(100 / n)
    except ZeroDivisionError:
        return "no"


def mean(values):
    # ok: robustness-division-by-input
    return sum(values) / len(values)
