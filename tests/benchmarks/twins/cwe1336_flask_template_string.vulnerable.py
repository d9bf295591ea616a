from flask import Flask, render_template_string, request

app = Flask(__name__)


@app.route("/hello")
def hello():
    """Greet the visitor by name."""
    name = request.args.get("name", "friend")
    template = "<h1>Hello " + name + "</h1><p>Nice to see you.</p>"
    return render_template_string(template)
