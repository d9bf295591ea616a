import hashlib
import secrets
import time
import uuid

counter = 0


def weak(user, username, email):
    # ruleid: crypto-predictable-token
    token = str(uuid.uuid1())
    # ruleid: crypto-predictable-token
    session_id = str(time.time())
    # ruleid: crypto-predictable-token
    reset_token = hashlib.md5(email.encode()).hexdigest()
    # ruleid: crypto-predictable-token
    api_key = f"{username}-{int(time.time())}"
    # ruleid: crypto-predictable-token
    auth_token = hashlib.sha256(f"{username}{time.time()}".encode()).hexdigest()
    return token, session_id, reset_token, api_key, auth_token


def next_session():
    global counter
    counter += 1
    # ruleid: crypto-predictable-token
    session_id = str(counter)
    return session_id


def generate_token(user_id):
    # ruleid: crypto-predictable-token
    return hashlib.sha256(str(user_id).encode()).hexdigest()


def fine(username, path, request):
    # ok: crypto-predictable-token
    token = secrets.token_urlsafe(32)
    # ok: crypto-predictable-token
    session_id = str(uuid.uuid4())
    # ok: crypto-predictable-token
    started = time.time()
    # ok: crypto-predictable-token
    etag = hashlib.sha256(path.encode()).hexdigest()
    # ok: crypto-predictable-token
    token = request.headers.get("X-Token")
    return token, session_id, started, etag


def count_tokens(text):
    # ok: crypto-predictable-token
    return len(text.split())
