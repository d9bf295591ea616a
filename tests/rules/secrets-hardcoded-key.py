import hmac
import os
import jwt
from cryptography.fernet import Fernet
from Crypto.Cipher import AES
from flask import Flask

app = Flask(__name__)
# ruleid: secrets-hardcoded-key
app.secret_key = "s3cr3t-value"
# ruleid: secrets-hardcoded-key
app.config["SECRET_KEY"] = "dev1234"
# ruleid: secrets-hardcoded-key
ENCRYPTION_KEY = b"0123456789abcdef"


def weak(data, payload):
    # ruleid: secrets-hardcoded-key
    a = AES.new(b"sixteen byte key", AES.MODE_EAX)
    # ruleid: secrets-hardcoded-key
    b = jwt.encode(payload, "supersecret", algorithm="HS256")
    # ruleid: secrets-hardcoded-key
    c = hmac.new(b"mykey123", data, "sha256")
    # ruleid: secrets-hardcoded-key
    d = Fernet(b"Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE=")
    return a, b, c, d


def fine(data, payload, key):
    # ok: secrets-hardcoded-key
    app.secret_key = os.environ["SECRET_KEY"]
    # ok: secrets-hardcoded-key
    secret_key = os.urandom(32)
    # ok: secrets-hardcoded-key
    a = jwt.encode(payload, key, algorithm="HS256")
    # ok: secrets-hardcoded-key
    private_key = "keys/private.pem"
    # ok: secrets-hardcoded-key
    b = hmac.new(key, data, "sha256")
    # ok: secrets-hardcoded-key
    c = Fernet(Fernet.generate_key())
    # ok: secrets-hardcoded-key
    secret_key = "your_secret_key"
    # ok: secrets-hardcoded-key
    primary_key = "user_id"
    return a, b, c, private_key, secret_key, primary_key


def blank():
    from PIL import Image
    # ok: secrets-hardcoded-key
    return Image.new("RGBA", (100, 100))
