import re

import requests
from flask import Flask, abort, jsonify, request

app = Flask(__name__)
FEEDS = {
    "news": "https://news.example.com/",
    "blog": "https://blog.example.com/",
}


@app.route("/title")
def link_title():
    url = FEEDS.get(request.args.get("site"))
    if url is None:
        abort(404)
    page = requests.get(url, timeout=5).text
    found = re.search("<title>([^<]{1,200})</title>", page)
    return jsonify({"title": found.group(1) if found else ""})
