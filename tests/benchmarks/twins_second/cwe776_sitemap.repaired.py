from defusedxml import minidom
from flask import Flask, jsonify, request

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024


@app.route("/sitemap/check", methods=["POST"])
def check_sitemap():
    """Return the addresses in a sitemap that was sent to us."""
    document = minidom.parseString(request.data)
    addresses = [node.firstChild.data for node in document.getElementsByTagName("loc") if node.firstChild is not None]
    return jsonify(addresses)
