import os

from fastapi import FastAPI, UploadFile
from flask import request
from werkzeug.utils import secure_filename

ALLOWED = {"png", "jpg"}


def upload():
    file = request.files["file"]
    # ruleid: upload-any-kind
    file.save(os.path.join("/srv/uploads", secure_filename(file.filename)))


async def receive(file: UploadFile):
    # ruleid: upload-any-kind
    with open("/srv/uploads/data", "wb") as out:
        out.write(await file.read())


def upload_checked():
    file = request.files["file"]
    if file.filename.rsplit(".", 1)[-1].lower() not in ALLOWED:
        return "bad"
    # ok: upload-any-kind
    file.save(os.path.join("/srv/uploads", secure_filename(file.filename)))


def picture(image):
    # ok: upload-any-kind
    image.save("/srv/out.png")


async def publish(document: UploadFile = File(...)):
    name = Path(document.filename).name
    # ruleid: upload-any-kind
    (PUBLIC / name).write_bytes(await document.read())


async def publish_checked(document: UploadFile = File(...)):
    name = Path(document.filename).name
    if Path(name).suffix not in {".pdf"}:
        raise HTTPException(400)
    # ok: upload-any-kind
    (PUBLIC / name).write_bytes(await document.read())
