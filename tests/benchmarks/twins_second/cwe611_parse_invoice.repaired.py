from flask import Flask, abort, jsonify, request
from lxml import etree

app = Flask(__name__)


@app.route("/invoices", methods=["POST"])
def parse_invoice():
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(request.data, parser)
    except etree.XMLSyntaxError:
        abort(400)
    return jsonify(
        {
            "number": root.findtext("number"),
            "customer": root.findtext("customer"),
            "total": root.findtext("total"),
        }
    )
