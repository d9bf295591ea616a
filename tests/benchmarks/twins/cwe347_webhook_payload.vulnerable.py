from flask import Flask, jsonify, request

from .orders import mark_paid

app = Flask(__name__)


@app.post("/webhooks/payments")
def payment_webhook():
    """Receive a payment event from the payment provider."""
    signature = request.headers.get("X-Signature")
    if not signature:
        return jsonify(error="missing signature"), 400
    event = request.get_json()
    if event["type"] == "payment.succeeded":
        mark_paid(event["order_id"])
    return jsonify(status="received")
