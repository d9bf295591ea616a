# ruleid: robustness-duplicate-key
A = {"name": 1, "age": 2, "name": 3}


def weak(x):
    # ruleid: robustness-duplicate-key
    return {"a": x, "a": 2}


# ok: robustness-duplicate-key
B = {"name": 1, "age": 2}
# ok: robustness-duplicate-key
C = {"name": 1, "Name": 2}
# ok: robustness-duplicate-key
D = {"x": {"a": 1}, "y": {"a": 1}}
