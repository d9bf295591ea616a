from flask import Flask, jsonify, request

from .models import Measurement

app = Flask(__name__)


@app.get("/measurements")
def list_measurements():
    """Return one page of measurements."""
    size = int(request.args.get("size", 50))
    page = int(request.args.get("page", 1))
    query = Measurement.query.order_by(Measurement.id)
    rows = query.offset((page - 1) * size).limit(size).all()
    return jsonify([row.to_dict() for row in rows])
