import requests
from flask import Flask, jsonify, request

app = Flask(__name__)


@app.get("/preview")
def link_preview():
    """Return the title of the page behind a link."""
    url = request.args["url"]
    response = requests.get(url, timeout=5)
    start = response.text.find("<title>")
    end = response.text.find("</title>")
    title = response.text[start + 7 : end] if 0 <= start < end else ""
    return jsonify(title=title)
