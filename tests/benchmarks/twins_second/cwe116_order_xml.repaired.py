from flask import Flask, Response, request
from markupsafe import escape

app = Flask(__name__)


@app.route("/order.xml")
def order_xml():
    customer = escape(request.args.get("customer", ""))
    note = escape(request.args.get("note", ""))
    document = f'<?xml version="1.0"?><order customer="{customer}"><approved>no</approved><note>{note}</note></order>'
    return Response(document, mimetype="application/xml")
