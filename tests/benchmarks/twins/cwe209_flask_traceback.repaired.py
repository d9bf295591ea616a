import logging

from flask import Flask, g, jsonify

from .auth import login_required
from .billing import PaymentError, charge_card

app = Flask(__name__)
logger = logging.getLogger(__name__)


@app.post("/charge")
@login_required
def charge():
    """Charge the customer's stored card."""
    try:
        receipt = charge_card(g.user, g.user.cart.total)
    except PaymentError:
        logger.exception("payment failed")
        return jsonify(error="The payment could not be processed"), 502
    return jsonify(receipt=receipt.number)
