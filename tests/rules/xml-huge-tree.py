from lxml import etree

# ruleid: xml-huge-tree
first = etree.XMLParser(huge_tree=True)
# ok: xml-huge-tree
second = etree.XMLParser(huge_tree=False)
