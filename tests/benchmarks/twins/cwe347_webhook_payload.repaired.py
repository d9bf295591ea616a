import hashlib
import hmac
import os

from flask import Flask, jsonify, request

from .orders import mark_paid

app = Flask(__name__)


@app.post("/webhooks/payments")
def payment_webhook():
    """Receive a payment event from the payment provider."""
    signature = request.headers.get("X-Signature", "")
    secret = os.environ["WEBHOOK_SECRET"].encode()
    expected = hmac.new(secret, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        return jsonify(error="invalid signature"), 401
    event = request.get_json()
    if event["type"] == "payment.succeeded":
        mark_paid(event["order_id"])
    return jsonify(status="received")
