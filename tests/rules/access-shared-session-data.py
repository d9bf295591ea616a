from flask import Flask, request

app = Flask(__name__)
current = None
hits = 0


@app.route("/login")
def login():
    global current
    # ruleid: access-shared-session-data
    current = request.form["name"]
    return "ok"


@app.route("/profile")
def profile():
    global current
    user = find(1)
    # ruleid: access-shared-session-data
    current = user
    return "ok"


@app.route("/set")
def keep():
    # ruleid: access-shared-session-data
    app.last_user = request.form["name"]
    return "ok"


@app.route("/count")
def count():
    global hits
    # ok: access-shared-session-data
    hits = hits + 1
    return str(hits)


@app.route("/local")
def local():
    # ok: access-shared-session-data
    name = request.form["name"]
    return name


def configure(path):
    global current
    # ok: access-shared-session-data
    current = path
