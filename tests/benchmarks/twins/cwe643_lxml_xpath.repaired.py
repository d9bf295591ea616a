from flask import Flask, abort, jsonify, request
from lxml import etree

app = Flask(__name__)
CATALOGUE = etree.parse("data/books.xml", etree.XMLParser(resolve_entities=False, no_network=True))
BY_AUTHOR = etree.XPath("//book[@visible='yes' and author/text()=$author]")


@app.get("/books")
def find_book():
    """Look up a book by its author."""
    author = request.args.get("author", "")
    nodes = BY_AUTHOR(CATALOGUE, author=author)
    if not nodes:
        abort(404)
    return jsonify([node.findtext("title") for node in nodes])
