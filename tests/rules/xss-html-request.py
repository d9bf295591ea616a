import html

from flask import Flask, render_template, request
from markupsafe import escape

app = Flask(__name__)


@app.route("/hello")
def hello():
    name = request.args.get("name", "")
    # ruleid: xss-html-request
    return f"<h1>Hello {name}</h1>"


@app.route("/safe")
def safe():
    name = request.args.get("name", "")
    # ok: xss-html-request
    return f"<h1>Hello {escape(name)}</h1>"


@app.route("/list")
def listing():
    # ruleid: xss-html-request
    page = "<ul><li>" + request.args["item"] + "</li></ul>"
    number = int(request.args["number"])
    # ok: xss-html-request
    page = "<p>%d</p>" % number
    # ok: xss-html-request
    page = "<p>{}</p>".format(html.escape(request.args["item"]))
    # ok: xss-html-request
    page = render_template("list.html", item=request.args["item"])
    return page


def profile(request, nickname):
    # ruleid: xss-html-request
    return HttpResponse("<p>%s</p>" % nickname)
