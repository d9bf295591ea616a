import re

import requests
from flask import Flask, abort, jsonify, request

app = Flask(__name__)


@app.route("/title")
def link_title():
    url = request.args.get("url")
    if not url:
        abort(400)
    page = requests.get(url, timeout=5).text
    found = re.search("<title>([^<]{1,200})</title>", page)
    return jsonify({"title": found.group(1) if found else ""})
