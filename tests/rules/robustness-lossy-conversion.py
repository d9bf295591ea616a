def weak(price, amount):
    # ruleid: robustness-lossy-conversion
    a = int(price * 100)
    # ruleid: robustness-lossy-conversion
    b = int(float(amount) * 100)
    total = float(amount)
    # ruleid: robustness-lossy-conversion
    c = int(total)
    return a, b, c


def fine(price, count, amount):
    # ok: robustness-lossy-conversion
    a = round(price * 100)
    # ok: robustness-lossy-conversion
    b = int(count)
    # ok: robustness-lossy-conversion
    c = int(amount)
    return a, b, c
