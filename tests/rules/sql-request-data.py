import sqlite3

from django.http import HttpResponse
from flask import Flask, request
from sqlalchemy import text

app = Flask(__name__)


@app.route("/user")
def show_user():
    name = request.args.get("name")
    conn = sqlite3.connect("app.db")
    # ruleid: sql-request-data
    rows = conn.execute("SELECT * FROM users WHERE name = '" + name + "'")
    # ok: sql-request-data
    rows = conn.execute("SELECT * FROM users WHERE name = ?", (name,))
    query = f"SELECT * FROM users WHERE name = '{name}'"
    # ruleid: sql-request-data
    conn.cursor().execute(query)
    return str(rows.fetchall())


@app.route("/item/<int:item_id>")
def show_item(item_id):
    # ok: sql-request-data
    return str(db.execute(f"SELECT * FROM items WHERE id = {item_id}").fetchone())


@app.get("/orders")
async def orders(sort: str, limit: int = 10):
    if sort not in {"date", "price"}:
        raise ValueError(sort)
    # ok: sql-request-data
    db.execute(f"SELECT * FROM orders ORDER BY {sort}")
    # ok: sql-request-data
    return db.execute(text("SELECT * FROM orders WHERE kind = :k").bindparams(k=sort))


@app.get("/search")
async def search(term: str):
    # ruleid: sql-request-data
    return db.execute(text("SELECT * FROM items WHERE name LIKE '%%%s%%'" % term))


def profile(request):
    name = request.GET["name"]
    # ruleid: sql-request-data
    found = Profile.objects.raw("SELECT * FROM profile WHERE name = '%s'" % name)
    # ok: sql-request-data
    found = Profile.objects.raw("SELECT * FROM profile WHERE name = %s", [name])
    return HttpResponse(str(list(found)))


def main():
    number = int(input("number: "))
    # ok: sql-request-data
    db.execute("SELECT * FROM items WHERE id = %d" % number)
    word = input("word: ")
    # ruleid: sql-request-data
    db.execute("SELECT * FROM items WHERE name = '{}'".format(word))
