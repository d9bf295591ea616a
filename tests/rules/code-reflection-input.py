import importlib

from flask import Flask, request

app = Flask(__name__)
HANDLERS = {"csv": export_csv, "json": export_json}


@app.route("/export")
def export():
    kind = request.args.get("kind")
    # ruleid: code-reflection-input
    module = importlib.import_module("exporters." + kind)
    # ruleid: code-reflection-input
    function = getattr(module, request.args["function"])
    # ruleid: code-reflection-input
    handler = globals()[kind]
    # ok: code-reflection-input
    handler = HANDLERS[kind]
    # ok: code-reflection-input
    fixed = importlib.import_module("exporters.csv")
    if kind in HANDLERS:
        # ok: code-reflection-input
        other = getattr(module, kind)
    return handler()
