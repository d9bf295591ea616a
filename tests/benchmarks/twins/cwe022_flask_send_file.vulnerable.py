import os

from flask import Flask, request, send_file

app = Flask(__name__)
REPORTS = "/srv/reports"


@app.route("/reports")
def download_report():
    """Send the requested report as a download."""
    name = request.args["name"]
    path = os.path.join(REPORTS, name)
    return send_file(path, as_attachment=True)
