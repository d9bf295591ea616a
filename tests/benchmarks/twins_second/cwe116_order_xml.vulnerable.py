from flask import Flask, Response, request

app = Flask(__name__)


@app.route("/order.xml")
def order_xml():
    customer = request.args.get("customer", "")
    note = request.args.get("note", "")
    document = f'<?xml version="1.0"?><order customer="{customer}"><approved>no</approved><note>{note}</note></order>'
    return Response(document, mimetype="application/xml")
