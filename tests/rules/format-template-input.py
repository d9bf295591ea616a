from flask import Flask, request

app = Flask(__name__)


@app.route("/greet")
def greet():
    template = request.args.get("template", "Hello {user}")
    # ruleid: format-template-input
    text = template.format(user=current_user)
    # ok: format-template-input
    text = "Hello {user}".format(user=request.args["name"])
    # ok: format-template-input
    text = f"{template}"
    # ruleid: format-template-input
    return ("Dear {0}, " + template).format(current_user)
