from flask import Flask, jsonify, request
from lxml import etree

app = Flask(__name__)
STAFF = etree.parse("staff.xml")


@app.route("/employees")
def employees():
    team = request.args.get("team", "")
    nodes = STAFF.xpath("//employee[team=$team and public='yes']", team=team)
    return jsonify([node.findtext("name") for node in nodes])
