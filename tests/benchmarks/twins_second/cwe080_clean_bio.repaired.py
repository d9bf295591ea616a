import html

from flask import Flask, make_response, request

app = Flask(__name__)


def clean(text):
    return html.escape(text, quote=True)


@app.route("/bio/preview", methods=["POST"])
def preview_bio():
    bio = clean(request.form.get("bio", ""))
    response = make_response(f"<div class='bio'>{bio}</div>")
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response
