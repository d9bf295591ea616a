import os
import shlex
import subprocess

from flask import Flask, request

app = Flask(__name__)


@app.route("/ping")
def ping():
    host = request.args.get("host", "")
    # ruleid: command-request-data
    os.system("ping -c 1 " + host)
    # ruleid: command-request-data
    text = subprocess.check_output(f"ping -c 1 {host}", shell=True)
    # ruleid: command-request-data
    subprocess.run(["sh", "-c", "ping " + host])
    # ok: command-request-data
    subprocess.run(["ping", "-c", "1", host], check=True)
    # ok: command-request-data
    os.system("ping -c 1 " + shlex.quote(host))
    return text


def main():
    name = input("file: ")
    # ruleid: command-request-data
    os.popen("cat %s" % name)
    count = int(input("count: "))
    # ok: command-request-data
    os.system(f"head -n {count} log.txt")
    kind = input("kind: ")
    if kind not in ("txt", "log"):
        raise SystemExit(1)
    # ok: command-request-data
    os.system("ls *." + kind)
