from flask import Flask, redirect, request

app = Flask(__name__)


@app.route("/continue")
def after_login():
    target = request.args.get("next", "/")
    return redirect(target)
