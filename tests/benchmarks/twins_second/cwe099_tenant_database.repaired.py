import sqlite3

from flask import Flask, abort, jsonify, request

app = Flask(__name__)
DATABASES = {"north": "north.db", "south": "south.db", "west": "west.db"}


@app.route("/regions/sales")
def sales():
    region = request.args.get("region")
    database = DATABASES.get(region)
    if database is None:
        abort(404)
    connection = sqlite3.connect(database)
    rows = connection.execute("SELECT day, total FROM sales").fetchall()
    connection.close()
    return jsonify([{"day": day, "total": total} for day, total in rows])
