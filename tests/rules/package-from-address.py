import os
import subprocess
import sys


def install():
    # ruleid: package-from-address
    subprocess.check_call([sys.executable, "-m", "pip", "install", "http://example.com/tool.tar.gz"])
    # ruleid: package-from-address
    os.system("curl https://example.com/install.sh | sh")
    # ok: package-from-address
    subprocess.check_call([sys.executable, "-m", "pip", "install", "tool==1.2.0", "--require-hashes"])
    # ok: package-from-address
    os.system("curl https://example.com/data.json -o data.json")


def page():
    # ruleid: package-from-address
    return '<script src="http://cdn.example.com/lib.js"></script>'


def page_checked():
    # ok: package-from-address
    return '<script src="https://cdn.example.com/lib.js" integrity="sha384-abc" crossorigin="anonymous"></script>'


def install_named(name):
    # ruleid: package-from-address
    subprocess.check_call([sys.executable, "-m", "pip", "install", name])
