import logging
import sqlite3

from flask import Flask, jsonify

app = Flask(__name__)
logger = logging.getLogger(__name__)


@app.route("/invoices/count")
def count_invoices():
    try:
        connection = sqlite3.connect("/srv/billing/invoices.db")
        total = connection.execute("SELECT COUNT(*) FROM invoices").fetchone()[0]
        return jsonify({"total": total})
    except sqlite3.Error:
        logger.exception("could not count the invoices")
        return jsonify({"error": "internal error"}), 500
