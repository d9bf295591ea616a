import xml.etree.ElementTree as ET

from lxml import etree


def find_user(root, name):
    # ruleid: xpath-parameter
    return root.xpath("//user[name='%s']" % name)


def find_item(key):
    tree = ET.parse("items.xml")
    # ruleid: xpath-parameter
    return tree.getroot().findall(f".//item[@key='{key}']")


def find_user_safely(root, name):
    # ok: xpath-parameter
    return root.xpath("//user[name=$name]", name=name)


def position(text, part):
    # ok: xpath-parameter
    return text.find(part)


def item_number(root, number: int):
    # ok: xpath-parameter
    return root.xpath(f"//item[{number}]")
