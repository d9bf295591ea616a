from flask import Flask, jsonify, session

app = Flask(__name__)


@app.route("/invoice/<int:invoice_id>")
@login_required
# ruleid: access-missing-authorisation
def invoice(invoice_id):
    return jsonify(Invoice.query.get(invoice_id).to_dict())


@app.route("/doc/<int:doc_id>")
# ruleid: access-missing-authorisation
def doc(doc_id):
    if "user" not in session:
        return "login", 401
    row = db.execute("SELECT body FROM docs WHERE id = ?", (doc_id,)).fetchone()
    return row[0]


@app.get("/notes/{note_id}")
# ruleid: access-missing-authorisation
def note(note_id: int, user=Depends(signed_in)):
    return NOTES.get(note_id)


@app.route("/order/<int:order_id>")
@login_required
# ok: access-missing-authorisation
def order(order_id):
    found = Order.query.get(order_id)
    if found.owner_id != current_user.id:
        abort(403)
    return jsonify(found.to_dict())


@app.route("/item/<int:item_id>")
# ok: access-missing-authorisation
def item(item_id):
    return jsonify(Item.query.get(item_id).to_dict())


@login_required
# ok: access-missing-authorisation
def dashboard(request):
    return page(request)
