import importlib

from flask import Flask, Response, request

from .auth import login_required
from .data import sales_rows

app = Flask(__name__)


@app.get("/export")
@login_required
def export():
    """Export the sales figures in the requested format."""
    module_name = request.args["module"]
    class_name = request.args["exporter"]
    module = importlib.import_module(module_name)
    exporter = getattr(module, class_name)()
    return Response(exporter.dump(sales_rows()), mimetype="text/plain")
