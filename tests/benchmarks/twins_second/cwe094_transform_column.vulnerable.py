from flask import Flask, abort, jsonify, request

app = Flask(__name__)


@app.route("/transform", methods=["POST"])
def transform():
    body = request.get_json()
    values = body.get("values")
    if not isinstance(values, list):
        abort(400)
    scope = {}
    exec("def step(value):\n    return " + body.get("step", "value"), scope)
    return jsonify([scope["step"](str(value)) for value in values])
