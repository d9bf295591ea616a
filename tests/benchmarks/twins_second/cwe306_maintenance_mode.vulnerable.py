from flask import Flask, jsonify

app = Flask(__name__)
STATE = {"maintenance": False}


@app.route("/admin/maintenance/<switch>", methods=["POST"])
def maintenance(switch):
    """Put the shop in or out of maintenance; for the operators' tool."""
    STATE["maintenance"] = switch == "on"
    return jsonify(STATE)
