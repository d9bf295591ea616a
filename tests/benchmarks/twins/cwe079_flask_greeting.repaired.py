from flask import Flask, request
from markupsafe import escape

app = Flask(__name__)


@app.route("/welcome")
def welcome():
    """Show a greeting page for the visitor."""
    name = escape(request.args.get("name", "guest"))
    city = request.args.get("city")
    page = f"<html><body><h1>Welcome, {name}!</h1>"
    if city:
        page += f"<p>How is the weather in {escape(city)}?</p>"
    return page + "</body></html>"
