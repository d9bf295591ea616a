import sqlite3

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/books")
def find_book():
    author = request.args.get("author", "")
    connection = sqlite3.connect("library.db")
    cursor = connection.cursor()
    cursor.execute("SELECT id, title FROM books WHERE author = ?", (author,))
    books = [{"id": row[0], "title": row[1]} for row in cursor.fetchall()]
    connection.close()
    return jsonify(books)
