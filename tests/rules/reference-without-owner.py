from flask import Flask, request
from flask_login import current_user

app = Flask(__name__)


@app.route("/invoice/<int:invoice_id>")
def invoice(invoice_id):
    # ruleid: reference-without-owner
    return Invoice.query.get_or_404(invoice_id).text


@app.route("/order")
def order():
    # ruleid: reference-without-owner
    return Order.query.get(request.args["id"]).text


@app.route("/own/<int:invoice_id>")
def own_invoice(invoice_id):
    # ok: reference-without-owner
    found = Invoice.query.get_or_404(invoice_id)
    if found.owner != current_user.id:
        return "no", 403
    return found.text


@app.route("/news")
def news():
    # ok: reference-without-owner
    return News.query.get(1).text
