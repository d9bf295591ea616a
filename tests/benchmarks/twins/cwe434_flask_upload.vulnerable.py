import os

from flask import Flask, jsonify, request
from flask_wtf import CSRFProtect

from .auth import login_required

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]
app.config["MAX_CONTENT_LENGTH"] = 8 * 1024 * 1024
csrf = CSRFProtect(app)
UPLOADS = os.path.join(app.root_path, "static", "uploads")


@app.post("/pictures")
@login_required
def upload_picture():
    """Store a profile picture and return its address."""
    picture = request.files["picture"]
    name = os.path.basename(picture.filename)
    picture.save(os.path.join(UPLOADS, name))
    return jsonify(url=f"/static/uploads/{name}")
