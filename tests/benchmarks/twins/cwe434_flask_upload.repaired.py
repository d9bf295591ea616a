import os
import uuid

from flask import Flask, abort, jsonify, request
from flask_wtf import CSRFProtect
from PIL import Image, UnidentifiedImageError

from .auth import login_required

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
app.config["MAX_CONTENT_LENGTH"] = 8 * 1024 * 1024
csrf = CSRFProtect(app)
UPLOADS = "/var/lib/app/uploads"
FORMATS = {"PNG": ".png", "JPEG": ".jpg"}


@app.post("/pictures")
@login_required
def upload_picture():
    """Store a profile picture and return its address."""
    picture = request.files["picture"]
    try:
        image = Image.open(picture.stream, formats=list(FORMATS))
        image.load()
    except (UnidentifiedImageError, OSError):
        abort(400)
    name = uuid.uuid4().hex + FORMATS[image.format]
    image.save(os.path.join(UPLOADS, name), format=image.format)
    return jsonify(url=f"/pictures/{name}")
