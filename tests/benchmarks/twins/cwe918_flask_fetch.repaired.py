from urllib.parse import urlsplit

import requests
from flask import Flask, abort, jsonify, request

app = Flask(__name__)
ALLOWED_HOSTS = {"blog.example.com", "news.example.com"}


@app.get("/preview")
def link_preview():
    """Return the title of the page behind a link."""
    parts = urlsplit(request.args["url"])
    if parts.scheme != "https" or parts.netloc not in ALLOWED_HOSTS:
        abort(400)
    url = f"https://{parts.netloc}{parts.path}"
    response = requests.get(url, timeout=5, allow_redirects=False)
    start = response.text.find("<title>")
    end = response.text.find("</title>")
    title = response.text[start + 7 : end] if 0 <= start < end else ""
    return jsonify(title=title)
