from flask import Flask, jsonify, request
from lxml import etree

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1_000_000


@app.post("/orders/import")
def import_order():
    """Read an order in XML form and return its items."""
    parser = etree.XMLParser(resolve_entities=True, load_dtd=True, no_network=False)
    root = etree.fromstring(request.data, parser=parser)
    items = [{"sku": node.get("sku"), "note": node.findtext("note")} for node in root.iter("item")]
    return jsonify(items=items)
