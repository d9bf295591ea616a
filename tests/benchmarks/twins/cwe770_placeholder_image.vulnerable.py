import io

from flask import Flask, request, send_file
from PIL import Image

app = Flask(__name__)


@app.get("/placeholder")
def placeholder():
    """Return a grey picture of the requested size."""
    width = int(request.args.get("width", 300))
    height = int(request.args.get("height", 200))
    image = Image.new("RGB", (width, height), "#cccccc")
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    buffer.seek(0)
    return send_file(buffer, mimetype="image/png")
