import os
import uuid

from flask import Flask, abort, jsonify, request
from werkzeug.utils import secure_filename

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 4 * 1024 * 1024
FOLDER = "/var/www/static/photos"


@app.route("/photos", methods=["POST"])
def upload_photo():
    photo = request.files.get("photo")
    if photo is None or not photo.filename:
        abort(400)
    name = uuid.uuid4().hex + "-" + secure_filename(photo.filename)
    photo.save(os.path.join(FOLDER, name))
    return jsonify({"photo": name}), 201
