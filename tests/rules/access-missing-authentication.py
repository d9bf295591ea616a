from flask import Flask, request, session

app = Flask(__name__)


@app.route("/admin/users")
# ruleid: access-missing-authentication
def users():
    return list_users()


@app.route("/delete_user/<int:uid>", methods=["POST"])
# ruleid: access-missing-authentication
def remove(uid):
    db.remove(uid)
    return "gone"


@app.post("/shutdown")
# ruleid: access-missing-authentication
def stop():
    server.stop()
    return "bye"


@app.route("/admin/stats")
@login_required
# ok: access-missing-authentication
def stats():
    return compute()


@app.route("/admin/panel")
# ok: access-missing-authentication
def panel():
    if session.get("role") != "admin":
        return "no", 403
    return "panel"


@app.route("/items")
# ok: access-missing-authentication
def items():
    return list_items()


@app.post("/admin/purge")
# ok: access-missing-authentication
def purge(user=Depends(admin_user)):
    return clean()
