import xml.etree.ElementTree as ET

from defusedxml import ElementTree as Safe
from flask import Flask, request

app = Flask(__name__)


@app.route("/xml", methods=["POST"])
def receive():
    # ruleid: xml-entity-bomb
    tree = ET.fromstring(request.data)
    # ok: xml-entity-bomb
    tree = Safe.fromstring(request.data)
    # ok: xml-entity-bomb
    other = ET.fromstring("<a/>")
    return tree.tag
