import defusedxml.ElementTree
from xml.dom import minidom
from xml.etree import ElementTree


def read(text):
    # ruleid: xml-entity-bomb-parameter
    return minidom.parseString(text)


def read_tree(path):
    # ruleid: xml-entity-bomb-parameter
    return ElementTree.parse(path).getroot()


def read_safely(text):
    # ok: xml-entity-bomb-parameter
    return defusedxml.ElementTree.fromstring(text)


def build(name):
    # ok: xml-entity-bomb-parameter
    return ElementTree.Element(name)
