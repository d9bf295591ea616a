from flask import Flask, request
from pymongo import MongoClient

app = Flask(__name__)
db = MongoClient().shop


@app.route("/login", methods=["POST"])
def login():
    data = request.get_json()
    # ruleid: nosql-operator-input
    user = db.users.find_one({"name": data["name"], "password": data["password"]})
    # ruleid: nosql-operator-input
    users = db.users.find(request.json)
    # ok: nosql-operator-input
    user = db.users.find_one({"name": str(data["name"]), "password": str(data["password"])})
    # ok: nosql-operator-input
    user = db.users.find_one({"name": request.form["name"]})
    return str(bool(user))


@app.route("/search", methods=["POST"])
def search():
    name = request.json.get("name")
    if not isinstance(name, str):
        return "bad", 400
    # ok: nosql-operator-input
    return str(db.items.find_one({"name": name}))
