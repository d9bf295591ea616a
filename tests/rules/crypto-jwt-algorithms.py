import jwt


def weak(token, key):
    # ruleid: crypto-jwt-algorithms
    a = jwt.decode(token, key)
    # ruleid: crypto-jwt-algorithms
    b = jwt.decode(token, key, audience="me")
    # ruleid: crypto-jwt-algorithms
    c = jwt.decode(token, key=key)
    return a, b, c


def fine(token, key, options):
    # ok: crypto-jwt-algorithms
    a = jwt.decode(token, key, algorithms=["HS256"])
    # ok: crypto-jwt-algorithms
    b = jwt.decode(token, key, ["HS256"])
    # ok: crypto-jwt-algorithms
    c = jwt.decode(token, key, **options)
    return a, b, c
