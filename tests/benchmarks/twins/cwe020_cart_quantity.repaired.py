from flask import Blueprint, abort, jsonify, request
from flask_login import current_user, login_required

from .models import Product, User, db

cart = Blueprint("cart", __name__)


@cart.post("/cart")
@login_required
def buy():
    """Buy a product with the user's store credit."""
    data = request.get_json()
    quantity = data.get("quantity")
    if type(quantity) is not int or not 1 <= quantity <= 100:
        abort(400)
    product = db.get_or_404(Product, data["product_id"], with_for_update=True)
    buyer = db.session.get(User, current_user.id, with_for_update=True)
    cost = product.price * quantity
    if product.stock < quantity or buyer.credit < cost:
        abort(409)
    buyer.credit -= cost
    product.stock -= quantity
    db.session.commit()
    return jsonify(credit=str(buyer.credit))
