import traceback

from flask import Flask, g, jsonify

from .auth import login_required
from .billing import charge_card

app = Flask(__name__)


@app.post("/charge")
@login_required
def charge():
    """Charge the customer's stored card."""
    try:
        receipt = charge_card(g.user, g.user.cart.total)
    except Exception:
        return jsonify(error=traceback.format_exc()), 500
    return jsonify(receipt=receipt.number)
