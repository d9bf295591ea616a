import logging
import traceback
from flask import Flask, jsonify

app = Flask(__name__)


@app.route("/a")
def weak():
    try:
        return work()
    except Exception as e:
        # ruleid: configuration-error-details
        return str(e), 500


@app.route("/b")
def weaker():
    try:
        return work()
    except Exception as error:
        # ruleid: configuration-error-details
        return jsonify({"error": f"failed: {error}"}), 500


def view(request):
    try:
        return work()
    except Exception:
        # ruleid: configuration-error-details
        return HttpResponse(traceback.format_exc())


@app.errorhandler(Exception)
def handle(e):
    # ruleid: configuration-error-details
    return jsonify(error=str(e)), 500


@app.route("/c")
def fine():
    try:
        return work()
    except Exception as e:
        logging.exception("failed: %s", e)
        # ok: configuration-error-details
        return jsonify(error="internal error"), 500


@app.route("/d")
def validated():
    try:
        return work()
    except ValueError as e:
        # ok: configuration-error-details
        return jsonify(error=str(e)), 400


def plain(text):
    try:
        return int(text)
    except Exception as e:
        # ok: configuration-error-details
        return str(e)
