import html

from flask import Flask, make_response, request

app = Flask(__name__)


def clean(text):
    """Tidy up a comment before it is shown."""
    return html.escape(text.strip(), quote=True)


@app.route("/preview", methods=["POST"])
def preview_comment():
    comment = clean(request.form["comment"])
    response = make_response("<div class='comment'>" + comment + "</div>")
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response
