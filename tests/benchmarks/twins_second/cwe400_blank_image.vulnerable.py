import io

from flask import Flask, abort, request, send_file
from PIL import Image

app = Flask(__name__)


@app.route("/placeholder.png")
def placeholder():
    width = request.args.get("width", 100, type=int)
    height = request.args.get("height", 100, type=int)
    if width < 1 or height < 1:
        abort(400)
    image = Image.new("RGB", (width, height), "grey")
    output = io.BytesIO()
    image.save(output, "PNG")
    output.seek(0)
    return send_file(output, mimetype="image/png")
