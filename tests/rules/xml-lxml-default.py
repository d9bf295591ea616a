import defusedxml.lxml
from flask import Flask, request
from lxml import etree

app = Flask(__name__)


@app.route("/xml", methods=["POST"])
def receive():
    # ruleid: xml-lxml-default
    return etree.fromstring(request.data).tag


def read(path):
    # ruleid: xml-lxml-default
    return etree.parse(path).getroot()


def read_safely(text):
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    # ok: xml-lxml-default
    return etree.fromstring(text, parser)


def fixed():
    # ok: xml-lxml-default
    return etree.fromstring("<a/>")


def defused(text):
    # ok: xml-lxml-default
    return defusedxml.lxml.fromstring(text)
