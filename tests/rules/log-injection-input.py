import logging

from flask import Flask, request

app = Flask(__name__)
logger = logging.getLogger(__name__)


@app.route("/login", methods=["POST"])
def login():
    user = request.form["user"]
    # ruleid: log-injection-input
    logger.info("Login of " + user)
    # ruleid: log-injection-input
    app.logger.warning(f"Failed login of {user}")
    # ruleid: log-injection-input
    logging.info("Login of %s", user)
    # ok: log-injection-input
    logger.info("A login")
    return "done"


@app.route("/logout")
def logout():
    user = request.args["user"].replace("\r", "").replace("\n", "")
    # ok: log-injection-input
    logger.info("Logout of " + user)
    number = int(request.args["number"])
    # ok: log-injection-input
    logger.info("Number %d", number)
    return "done"
