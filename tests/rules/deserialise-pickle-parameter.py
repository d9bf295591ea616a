import hmac
import json
import pickle


def restore(data):
    # ruleid: deserialise-pickle-parameter
    return pickle.loads(data)


class Session:
    def restore(self, cookie: str):
        # ruleid: deserialise-pickle-parameter
        return pickle.loads(bytes.fromhex(cookie))


def restore_json(data):
    # ok: deserialise-pickle-parameter
    return json.loads(data)


def restore_signed(data, signature, key):
    if not hmac.compare_digest(hmac.new(key, data, "sha256").digest(), signature):
        raise ValueError("signature")
    # ok: deserialise-pickle-parameter
    return pickle.loads(data)
