import os
from pathlib import Path
import subprocess

from flask import request


def clone():
    url = request.form["url"]
    # ruleid: command-argument-injection
    subprocess.run(["git", "clone", url, "/srv/repo"], check=True)
    # ok: command-argument-injection
    subprocess.run(["git", "clone", "--", url, "/srv/repo"], check=True)


def archive(name):
    # ruleid: command-argument-injection
    subprocess.check_call(["tar", "czf", "/tmp/out.tgz", name])


def archive_checked(name):
    if name.startswith("-"):
        raise ValueError("option")
    # ok: command-argument-injection
    subprocess.check_call(["tar", "czf", "/tmp/out.tgz", name])


def ping(host):
    # ok: command-argument-injection
    subprocess.run(["ping", "-c", "1", host])


def log(count: int):
    # ok: command-argument-injection
    subprocess.run(["git", "log", f"-{count}"])


def convert(source, target):
    video = Path(source).resolve(strict=True)
    # ok: command-argument-injection
    subprocess.run(["ffmpeg", "-i", str(video), os.path.abspath(target)], check=True)
