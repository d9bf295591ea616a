import re
import subprocess

from flask import Flask, abort, jsonify, request

app = Flask(__name__)
REPOSITORY = re.compile(r"https://git\.example\.org/[A-Za-z0-9_]{1,40}/[A-Za-z0-9_]{1,40}\.git")


@app.post("/mirror")
def check_repository():
    """List the branches of a remote repository."""
    url = request.get_json()["url"]
    if not isinstance(url, str) or not REPOSITORY.fullmatch(url):
        abort(400)
    result = subprocess.run(
        ["/usr/bin/git", "ls-remote", "--heads", "--", url],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    heads = [line.split("\t")[1] for line in result.stdout.splitlines()]
    return jsonify(heads=heads)
