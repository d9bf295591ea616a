import os
import uuid

from flask import Flask, abort, jsonify, request

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 4 * 1024 * 1024
FOLDER = "/var/www/static/photos"
ALLOWED = {".png", ".jpg", ".jpeg"}


@app.route("/photos", methods=["POST"])
def upload_photo():
    photo = request.files.get("photo")
    if photo is None or not photo.filename:
        abort(400)
    extension = os.path.splitext(photo.filename)[1].lower()
    if extension not in ALLOWED:
        abort(415)
    name = uuid.uuid4().hex + extension
    photo.save(os.path.join(FOLDER, name))
    return jsonify({"photo": name}), 201
