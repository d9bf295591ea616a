from flask import Flask, abort, jsonify, request

app = Flask(__name__)
STEPS = {
    "upper": str.upper,
    "lower": str.lower,
    "strip": str.strip,
    "title": str.title,
}


@app.route("/transform", methods=["POST"])
def transform():
    body = request.get_json()
    values = body.get("values")
    if not isinstance(values, list):
        abort(400)
    step = STEPS.get(str(body.get("step")))
    if step is None or len(values) > 1000:
        abort(400)
    return jsonify([step(str(value)) for value in values])
