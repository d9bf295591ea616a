from flask import Flask, abort, jsonify, request
from lxml import etree

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1_000_000


@app.post("/orders/import")
def import_order():
    """Read an order in XML form and return its items."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(request.data, parser=parser)
    except etree.XMLSyntaxError:
        abort(400)
    items = [{"sku": node.get("sku"), "note": node.findtext("note")} for node in root.iter("item")]
    return jsonify(items=items)
