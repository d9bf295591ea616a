from flask import Blueprint, abort, jsonify
from flask_login import login_required

from .models import Invoice, db

invoices = Blueprint("invoices", __name__, url_prefix="/invoices")


@invoices.get("/<int:invoice_id>")
@login_required
def show_invoice(invoice_id):
    """Return one invoice of the signed-in customer."""
    invoice = db.session.get(Invoice, invoice_id)
    if invoice is None:
        abort(404)
    return jsonify(number=invoice.number, total=str(invoice.total), lines=invoice.lines)
