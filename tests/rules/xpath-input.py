from flask import Flask, request
from lxml import etree

app = Flask(__name__)
tree = etree.parse("users.xml")


@app.route("/login")
def login():
    user = request.args["user"]
    # ruleid: xpath-input
    found = tree.xpath(f"//user[name='{user}']")
    # ruleid: xpath-input
    found = tree.find("./user[name='" + user + "']")
    # ok: xpath-input
    found = tree.xpath("//user[name=$name]", name=user)
    # ok: xpath-input
    found = tree.xpath("//user")
    return str(bool(found))
