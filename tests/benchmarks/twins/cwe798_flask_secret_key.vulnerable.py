from flask import Flask, redirect, session, url_for

app = Flask(__name__)
app.config.update(
    SECRET_KEY="f3cfe9ed8fae309f02079dbf",
    SESSION_COOKIE_SECURE=True,
    SESSION_COOKIE_HTTPONLY=True,
    SESSION_COOKIE_SAMESITE="Lax",
)


@app.route("/")
def index():
    """Count the visits of this browser."""
    session["visits"] = session.get("visits", 0) + 1
    return {"visits": session["visits"]}


@app.route("/home")
def home():
    return redirect(url_for("index"))
