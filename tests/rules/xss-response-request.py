from django.http import HttpResponse, JsonResponse
from flask import Flask, jsonify, make_response, request
from markupsafe import escape

app = Flask(__name__)


@app.route("/echo")
def echo():
    text = request.args.get("text")
    # ruleid: xss-response-request
    return text


@app.route("/hello")
def hello():
    name = request.form["name"]
    # ruleid: xss-response-request
    response = make_response("Hello " + name)
    return response


@app.route("/safe")
def safe():
    text = request.args.get("text")
    # ok: xss-response-request
    return escape(text)


@app.route("/json")
def as_json():
    text = request.args.get("text")
    # ok: xss-response-request
    return jsonify(text=text)


@app.route("/sum")
def total():
    value = request.args.get("value")
    # ok: xss-response-request
    return compute(value)


def greet(request):
    # ruleid: xss-response-request
    return HttpResponse("Hello " + request.GET["name"])


def plain(request):
    # ok: xss-response-request
    return HttpResponse("Hello " + request.GET["name"], content_type="text/plain")
