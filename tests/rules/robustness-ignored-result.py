import os
import shutil
import subprocess


def weak(path):
    # ruleid: robustness-ignored-result
    subprocess.run(["tar", "cf", "a.tar", path])
    shutil.rmtree(path)


def weaker(text):
    # ruleid: robustness-ignored-result
    text.strip()
    return text


def third(path):
    # ruleid: robustness-ignored-result
    subprocess.call(["sync"])
    return path


def fine(path, text, lock):
    # ok: robustness-ignored-result
    subprocess.run(["tar", "cf", "a.tar", path], check=True)
    shutil.rmtree(path)
    # ok: robustness-ignored-result
    text = text.strip()
    # ok: robustness-ignored-result
    code = subprocess.call(["sync"])
    # ok: robustness-ignored-result
    subprocess.run(["ls", path])
    # ok: robustness-ignored-result
    if not lock.acquire(timeout=3):
        return None
    return text, code
