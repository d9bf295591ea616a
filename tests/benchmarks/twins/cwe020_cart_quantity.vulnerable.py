from flask import Blueprint, jsonify, request
from flask_login import current_user, login_required

from .models import Product, db

cart = Blueprint("cart", __name__)


@cart.post("/cart")
@login_required
def buy():
    """Buy a product with the user's store credit."""
    data = request.get_json()
    product = db.get_or_404(Product, data["product_id"])
    quantity = int(data["quantity"])
    current_user.credit -= product.price * quantity
    product.stock -= quantity
    db.session.commit()
    return jsonify(credit=str(current_user.credit))
