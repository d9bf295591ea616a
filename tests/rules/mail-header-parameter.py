import smtplib
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart


def send(to, subject, body):
    msg = MIMEMultipart()
    # ruleid: mail-header-parameter
    msg["To"] = to
    # ruleid: mail-header-parameter
    msg["Subject"] = f"[shop] {subject}"
    # ok: mail-header-parameter
    msg["From"] = "shop@example.com"


def send_plain(server, subject):
    message = f"Subject: {subject}\n\nHello"
    # ruleid: mail-header-parameter
    server.sendmail("a@example.com", ["b@example.com"], message)


def send_safely(to, subject):
    msg = EmailMessage()
    # ok: mail-header-parameter
    msg["To"] = to
    # ok: mail-header-parameter
    msg["Subject"] = subject


def send_one_line(subject):
    msg = MIMEMultipart()
    # ok: mail-header-parameter
    msg["Subject"] = subject.replace("\r", "").replace("\n", "")
