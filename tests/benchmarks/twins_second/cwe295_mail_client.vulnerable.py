import os
import smtplib
import ssl
from email.message import EmailMessage


def send(recipient, subject, text):
    message = EmailMessage()
    message["From"] = "noreply@example.org"
    message["To"] = recipient
    message["Subject"] = subject
    message.set_content(text)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with smtplib.SMTP_SSL("smtp.example.org", 465, context=context) as server:
        server.login("noreply", os.environ["SMTP_PASSWORD"])
        server.send_message(message)
