import sqlite3

from flask import Flask, abort, jsonify

app = Flask(__name__)


@app.route("/members/<int:member_id>")
def member(member_id):
    """The public page of a member."""
    connection = sqlite3.connect("club.db")
    connection.row_factory = sqlite3.Row
    row = connection.execute(
        "SELECT name, joined FROM members WHERE id = ?",
        (member_id,),
    ).fetchone()
    connection.close()
    if row is None:
        abort(404)
    return jsonify(dict(row))
