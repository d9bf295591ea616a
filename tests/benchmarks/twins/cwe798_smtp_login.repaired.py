import os
import smtplib
import ssl
from email.message import EmailMessage


def send_invoice(recipient: str, pdf: bytes, number: int) -> None:
    """Mail an invoice to a customer."""
    message = EmailMessage()
    message["From"] = "billing@example.com"
    message["To"] = recipient
    message["Subject"] = f"Invoice {number}"
    message.set_content("Please find your invoice attached.")
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename=f"{number}.pdf")
    context = ssl.create_default_context()
    with smtplib.SMTP_SSL("smtp.example.com", 465, context=context, timeout=20) as server:
        server.login(os.environ["SMTP_USER"], os.environ["SMTP_PASSWORD"])
        server.send_message(message)
