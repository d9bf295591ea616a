import urllib.request
from urllib.parse import quote, urlparse

import requests
from flask import Flask, abort, request

app = Flask(__name__)
HOSTS = {"example.com"}


@app.route("/fetch")
def fetch():
    url = request.args["url"]
    # ruleid: ssrf-request-url
    return requests.get(url, timeout=5).text


@app.route("/open")
def fetch_host():
    host = request.args["host"]
    # ruleid: ssrf-request-url
    return urllib.request.urlopen(f"http://{host}/status").read()


@app.route("/checked")
def fetch_checked():
    url = request.args["url"]
    if urlparse(url).hostname not in HOSTS:
        abort(400)
    # ok: ssrf-request-url
    return requests.get(url, timeout=5).text


@app.route("/item")
def item():
    # ok: ssrf-request-url
    return requests.get(f"https://api.example.com/items/{quote(request.args['id'])}", timeout=5).text


@app.post("/hook")
async def hook(body: Hook):
    async with httpx.AsyncClient() as client:
        # ruleid: ssrf-request-url
        return (await client.get(body.url)).text


@app.route("/send")
def send():
    # ok: ssrf-request-url
    return requests.post("https://api.example.com/send", json=request.json, timeout=5).text
