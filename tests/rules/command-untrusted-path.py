import os
import subprocess
import sys

TOOLS = {"fmt": "/usr/bin/fmt"}


def start_plugin(folder, name):
    # ruleid: command-untrusted-path
    return subprocess.Popen([os.path.join(folder, name), "--serve"])


def become(program, arguments):
    # ruleid: command-untrusted-path
    os.execvp(program, arguments)


def start_known(name):
    # ok: command-untrusted-path
    return subprocess.run([TOOLS[name], "--serve"])


def start_python(script):
    # ok: command-untrusted-path
    return subprocess.run([sys.executable, script])
