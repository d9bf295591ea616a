import sqlite3
import traceback

from flask import Flask, jsonify

app = Flask(__name__)


@app.route("/invoices/count")
def count_invoices():
    try:
        connection = sqlite3.connect("/srv/billing/invoices.db")
        total = connection.execute("SELECT COUNT(*) FROM invoices").fetchone()[0]
        return jsonify({"total": total})
    except sqlite3.Error:
        return jsonify({"error": traceback.format_exc()}), 500
