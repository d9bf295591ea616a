from flask import Flask, render_template_string, request

app = Flask(__name__)
TEMPLATE = "<h1>Hello {{ name }}</h1><p>Nice to see you.</p>"


@app.route("/hello")
def hello():
    """Greet the visitor by name."""
    name = request.args.get("name", "friend")
    return render_template_string(TEMPLATE, name=name)
