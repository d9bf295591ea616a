import io

from flask import Flask, abort, request, send_file
from PIL import Image

app = Flask(__name__)
MAX_SIDE = 1000


@app.get("/placeholder")
def placeholder():
    """Return a grey picture of the requested size."""
    width = request.args.get("width", 300, type=int)
    height = request.args.get("height", 200, type=int)
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        abort(400)
    image = Image.new("RGB", (width, height), "#cccccc")
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    buffer.seek(0)
    return send_file(buffer, mimetype="image/png")
