import subprocess

from flask import Flask, request

app = Flask(__name__)
COMMANDS = {"date": ["date"], "uptime": ["uptime"]}


@app.route("/run")
def run():
    tool = request.args["tool"]
    # ruleid: command-program-from-input
    subprocess.run([tool, "--version"])
    command = request.args["command"].split()
    # ruleid: command-program-from-input
    subprocess.check_output(command)
    # ok: command-program-from-input
    subprocess.run(COMMANDS[tool])
    # ok: command-program-from-input
    subprocess.run(["echo", tool])
    if tool in ("date", "uptime"):
        # ok: command-program-from-input
        subprocess.run([tool])
    return "done"
