import subprocess

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/mirror")
def check_repository():
    """List the branches of a remote repository."""
    url = request.get_json()["url"]
    result = subprocess.run(
        ["/usr/bin/git", "ls-remote", "--heads", url],
        capture_output=True,
        text=True,
        timeout=30,
    )
    heads = [line.split("\t")[1] for line in result.stdout.splitlines()]
    return jsonify(heads=heads)
