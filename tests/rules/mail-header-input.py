import smtplib
from email.message import EmailMessage
from email.mime.text import MIMEText

from flask import Flask, request

app = Flask(__name__)


@app.route("/contact", methods=["POST"])
def contact():
    msg = MIMEText("Hello")
    # ruleid: mail-header-input
    msg["Subject"] = request.form["subject"]
    # ok: mail-header-input
    msg["From"] = "shop@example.com"
    raw = "Subject: " + request.form["subject"] + "\n\n" + request.form["text"]
    # ruleid: mail-header-input
    smtplib.SMTP("localhost").sendmail("a@example.com", "b@example.com", raw)
    return "sent"


@app.route("/safe", methods=["POST"])
def safe():
    msg = EmailMessage()
    # ok: mail-header-input
    msg["Subject"] = request.form["subject"]
    return "sent"


@app.route("/checked", methods=["POST"])
def checked():
    subject = request.form["subject"]
    if "\n" in subject or "\r" in subject:
        return "bad", 400
    msg = MIMEText("Hello")
    # ok: mail-header-input
    msg["Subject"] = subject
    return "sent"
