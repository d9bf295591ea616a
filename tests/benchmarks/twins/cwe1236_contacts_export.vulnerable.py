import csv
import io

from flask import Flask, Response

from .auth import login_required
from .models import Contact

app = Flask(__name__)


@app.get("/contacts.csv")
@login_required
def export_contacts():
    """Export the messages of the contact form for a spreadsheet."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["name", "email", "message"])
    for contact in Contact.query.order_by(Contact.id).limit(5000):
        writer.writerow([contact.name, contact.email, contact.message])
    return Response(buffer.getvalue(), mimetype="text/csv")
