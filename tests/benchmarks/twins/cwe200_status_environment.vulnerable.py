import os
import platform

from flask import Flask, jsonify

app = Flask(__name__)


@app.get("/status")
def status():
    """Show the state of the service for monitoring."""
    return jsonify(
        status="ok",
        python=platform.python_version(),
        host=platform.node(),
        environment=dict(os.environ),
    )
