from flask import Flask, request

app = Flask(__name__)


@app.route("/welcome")
def welcome():
    """Show a greeting page for the visitor."""
    name = request.args.get("name", "guest")
    city = request.args.get("city")
    page = f"<html><body><h1>Welcome, {name}!</h1>"
    if city:
        page += f"<p>How is the weather in {city}?</p>"
    return page + "</body></html>"
