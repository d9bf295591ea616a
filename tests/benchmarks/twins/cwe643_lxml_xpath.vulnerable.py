from flask import Flask, abort, jsonify, request
from lxml import etree

app = Flask(__name__)
CATALOGUE = etree.parse("data/books.xml", etree.XMLParser(resolve_entities=False, no_network=True))


@app.get("/books")
def find_book():
    """Look up a book by its author."""
    author = request.args.get("author", "")
    nodes = CATALOGUE.xpath("//book[@visible='yes' and author/text()='" + author + "']")
    if not nodes:
        abort(404)
    return jsonify([node.findtext("title") for node in nodes])
