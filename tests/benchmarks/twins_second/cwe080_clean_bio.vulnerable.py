import re

from flask import Flask, make_response, request

app = Flask(__name__)


def clean(text):
    return re.sub(r"<script>.*?</script>", "", text)


@app.route("/bio/preview", methods=["POST"])
def preview_bio():
    bio = clean(request.form.get("bio", ""))
    response = make_response(f"<div class='bio'>{bio}</div>")
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response
