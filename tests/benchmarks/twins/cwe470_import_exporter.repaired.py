from flask import Flask, Response, abort, request

from .auth import login_required
from .data import sales_rows
from .exporters import CsvExporter, JsonExporter

app = Flask(__name__)
EXPORTERS = {"csv": CsvExporter, "json": JsonExporter}


@app.get("/export")
@login_required
def export():
    """Export the sales figures in the requested format."""
    factory = EXPORTERS.get(request.args.get("exporter"))
    if factory is None:
        abort(400)
    return Response(factory().dump(sales_rows()), mimetype="text/plain")
