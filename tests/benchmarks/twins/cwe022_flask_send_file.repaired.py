from flask import Flask, request, send_from_directory

app = Flask(__name__)
REPORTS = "/srv/reports"


@app.route("/reports")
def download_report():
    """Send the requested report as a download."""
    name = request.args["name"]
    return send_from_directory(REPORTS, name, as_attachment=True)
