import sqlite3

from flask import Flask, jsonify, request

app = Flask(__name__)
DATABASE = "shop.db"


@app.route("/products")
def search_products():
    """Return the products whose name contains the search term."""
    term = request.args.get("q", "")
    connection = sqlite3.connect(DATABASE)
    try:
        cursor = connection.cursor()
        cursor.execute(
            "SELECT id, name, price FROM products WHERE name LIKE ? LIMIT 100",
            (f"%{term}%",),
        )
        rows = cursor.fetchall()
    finally:
        connection.close()
    return jsonify([{"id": row[0], "name": row[1], "price": row[2]} for row in rows])
