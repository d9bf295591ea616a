from flask import Flask, request

app = Flask(__name__)


@app.route("/run", methods=["POST"])
def run():
    code = request.form["code"]
    # ruleid: code-exec-input
    exec(code)
    # ruleid: code-exec-input
    compiled = compile(request.get_json()["code"], "<user>", "exec")
    # ok: code-exec-input
    exec("value = 1")
    # ok: code-exec-input
    run_named(code)
    return "done"
