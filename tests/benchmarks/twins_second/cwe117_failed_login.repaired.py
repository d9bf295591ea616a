import logging

from flask import Flask, jsonify, request

app = Flask(__name__)
logging.basicConfig(filename="login.log", level=logging.INFO)


@app.route("/login/failed")
def failed_login():
    name = request.args.get("name", "")
    name = name.replace("\r", "").replace("\n", "")[:80]
    logging.warning("Failed login for user %s", name)
    return jsonify({"status": "logged"})
