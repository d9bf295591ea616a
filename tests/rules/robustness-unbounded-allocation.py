import time
from flask import request


def weak():
    size = int(request.args["size"])
    # ruleid: robustness-unbounded-allocation
    buffer = bytearray(size)
    # ruleid: robustness-unbounded-allocation
    time.sleep(int(request.form["delay"]))
    # ruleid: robustness-unbounded-allocation
    for _ in range(size):
        work()
    # ruleid: robustness-unbounded-allocation
    return "x" * int(request.args.get("n")), buffer


def fine():
    size = min(int(request.args["size"]), 100)
    # ok: robustness-unbounded-allocation
    buffer = bytearray(size)
    count = int(request.args["count"])
    if count > 50:
        return "no"
    # ok: robustness-unbounded-allocation
    for _ in range(count):
        work()
    # ok: robustness-unbounded-allocation
    return [0] * 10, buffer
