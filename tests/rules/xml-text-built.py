from xml.sax.saxutils import escape
from xml.etree import ElementTree

from flask import request
from lxml import etree


def order(item, amount):
    # ruleid: xml-text-built
    return f"<order><item>{item}</item><amount>{amount}</amount></order>"


def user():
    name = request.form["name"]
    # ruleid: xml-text-built
    xml = "<user><name>" + name + "</name></user>"
    return xml


def transform():
    # ruleid: xml-text-built
    return etree.XSLT(etree.fromstring(request.data))


def order_safely(item, amount: int):
    # ok: xml-text-built
    return f"<order><item>{escape(item)}</item><amount>{amount}</amount></order>"


def order_as_tree(item):
    root = ElementTree.Element("order")
    ElementTree.SubElement(root, "item").text = item
    # ok: xml-text-built
    return ElementTree.tostring(root)


def page(title):
    # ok: xml-text-built
    return f"<h1>{title}</h1>"
