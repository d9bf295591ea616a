from flask import Flask, jsonify, request

from .models import Measurement

app = Flask(__name__)
MAX_SIZE = 200
MAX_PAGE = 10_000


@app.get("/measurements")
def list_measurements():
    """Return one page of measurements."""
    size = request.args.get("size", 50, type=int)
    page = request.args.get("page", 1, type=int)
    size = max(1, min(size, MAX_SIZE))
    page = max(1, min(page, MAX_PAGE))
    query = Measurement.query.order_by(Measurement.id)
    rows = query.offset((page - 1) * size).limit(size).all()
    return jsonify([row.to_dict() for row in rows])
