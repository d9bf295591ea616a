import hmac


def weak(key, data, signature):
    # ruleid: crypto-ignored-signature
    try:
        key.verify(signature, data)
    except Exception:
        pass
    return data


def other(key, a, b):
    # ruleid: crypto-ignored-signature
    hmac.compare_digest(a, b)
    return key


def worse(key, data, signature):
    # ruleid: crypto-ignored-signature
    try:
        key.verify(signature, data)
    except ValueError:
        return True
    return True


def fine(key, data, signature, a, b):
    # ok: crypto-ignored-signature
    try:
        key.verify(signature, data)
    except Exception:
        return False
    # ok: crypto-ignored-signature
    if not hmac.compare_digest(a, b):
        return False
    # ok: crypto-ignored-signature
    ok = hmac.compare_digest(a, b)
    # ok: crypto-ignored-signature
    return ok and hmac.compare_digest(b, a)
