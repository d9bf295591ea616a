import sqlite3

from flask import Flask, abort, jsonify, request

app = Flask(__name__)


@app.route("/regions/sales")
def sales():
    region = request.args.get("region")
    if not region:
        abort(400)
    connection = sqlite3.connect(region)
    rows = connection.execute("SELECT day, total FROM sales").fetchall()
    connection.close()
    return jsonify([{"day": day, "total": total} for day, total in rows])
