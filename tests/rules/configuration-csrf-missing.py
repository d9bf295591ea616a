from flask import Flask, request, session

app = Flask(__name__)


@app.route("/transfer", methods=["POST"])
# ruleid: configuration-csrf-missing
def transfer():
    user = session["user"]
    move(user, request.form["to"], request.form["amount"])
    return "done"


@app.route("/change_email", methods=["POST"])
# ruleid: configuration-csrf-missing
def change():
    db.execute("UPDATE users SET email = ? WHERE id = ?", (request.form["email"], session["uid"]))
    return "done"


@app.route("/delete", methods=["POST"])
# ok: configuration-csrf-missing
def delete():
    if request.form.get("csrf_token") != session["csrf_token"]:
        abort(400)
    remove(session["user"])
    return "done"


@app.route("/search", methods=["POST"])
# ok: configuration-csrf-missing
def search():
    return find(request.form["q"], session["user"])


@app.route("/update", methods=["POST"])
# ok: configuration-csrf-missing
def update():
    return apply(request.json)
