import xml.sax
from xml.sax.handler import feature_external_ges

from lxml import etree


def parse(text):
    # ruleid: xml-entities-resolved
    parser = etree.XMLParser(resolve_entities=True)
    # ok: xml-entities-resolved
    other = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(text, parser)


def sax(path, handler):
    parser = xml.sax.make_parser()
    # ruleid: xml-entities-resolved
    parser.setFeature(feature_external_ges, True)
    # ok: xml-entities-resolved
    parser.setFeature(feature_external_ges, False)
    parser.setContentHandler(handler)
    parser.parse(path)
