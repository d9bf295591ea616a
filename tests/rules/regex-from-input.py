import re

from flask import Flask, request

app = Flask(__name__)


@app.route("/grep")
def grep():
    pattern = request.args["pattern"]
    # ruleid: regex-from-input
    found = re.findall(pattern, TEXT)
    # ruleid: regex-from-input
    compiled = re.compile("^" + pattern)
    # ok: regex-from-input
    found = re.findall(re.escape(pattern), TEXT)
    # ok: regex-from-input
    found = re.search(r"^\w+$", pattern)
    return str(found)
