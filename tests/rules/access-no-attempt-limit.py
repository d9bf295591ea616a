from flask import Flask, request

app = Flask(__name__)


@app.route("/login", methods=["POST"])
# ruleid: access-no-attempt-limit
def login():
    user = find(request.form["name"])
    if user and check_password_hash(user.hash, request.form["password"]):
        return "welcome"
    return "no", 401


# ruleid: access-no-attempt-limit
def signin(request):
    user = authenticate_user(request.POST["name"], request.POST["password"])
    return "welcome" if user else "no"


@app.route("/login2", methods=["POST"])
@limiter.limit("5/minute")
# ok: access-no-attempt-limit
def login_view():
    return check(request.form["password"])


@app.route("/login3", methods=["POST"])
# ok: access-no-attempt-limit
def do_login():
    if attempts[request.remote_addr] > 5:
        return "later", 429
    return check(request.form["password"])


@app.route("/profile")
# ok: access-no-attempt-limit
def profile():
    return show(request.form["password_hint"])
