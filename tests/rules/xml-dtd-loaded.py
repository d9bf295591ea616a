from lxml import etree

# ruleid: xml-dtd-loaded
first = etree.XMLParser(load_dtd=True, no_network=False)
# ruleid: xml-dtd-loaded
second = etree.XMLParser(dtd_validation=True)
# ok: xml-dtd-loaded
third = etree.XMLParser(load_dtd=False)
# ok: xml-dtd-loaded
fourth = etree.XMLParser()
