import json
import logging

from flask import Flask, jsonify, request

app = Flask(__name__)
logging.basicConfig(filename="/var/log/shop/search.log", format="%(asctime)s %(message)s", level=logging.INFO)


@app.get("/search")
def search():
    """Record what the visitors look for."""
    term = request.args.get("q", "")[:200].replace("\r", " ").replace("\n", " ")
    logging.info("search term: %s", json.dumps(term))
    return jsonify(status="ok")
