import jwt


def weak(token, key):
    # ruleid: crypto-jwt-unverified
    a = jwt.decode(token, options={"verify_signature": False})
    # ruleid: crypto-jwt-unverified
    b = jwt.decode(token, key, algorithms=["none"])
    # ruleid: crypto-jwt-unverified
    c = jwt.encode({"user": "a"}, None, algorithm="none")
    # ruleid: crypto-jwt-unverified
    d = jwt.decode(token, verify=False)
    # ruleid: crypto-jwt-unverified
    e = jwt.decode(token, key, algorithms=["HS256", "none"])
    return a, b, c, d, e


def chosen(token, key):
    header = jwt.get_unverified_header(token)
    # ruleid: crypto-jwt-unverified
    return jwt.decode(token, key, algorithms=[header["alg"]])


def fine(token, key):
    # ok: crypto-jwt-unverified
    a = jwt.decode(token, key, algorithms=["HS256"])
    # ok: crypto-jwt-unverified
    b = jwt.encode({"user": "a"}, key, algorithm="HS256")
    # ok: crypto-jwt-unverified
    kid = jwt.get_unverified_header(token)["kid"]
    # ok: crypto-jwt-unverified
    c = jwt.decode(token, key, algorithms=["RS256"], options={"require": ["exp"]})
    return a, b, c, kid
