import os
import sys


def load_shared():
    # ruleid: search-path-writable
    sys.path.insert(0, "/tmp/shared_plugins")


def load_current():
    # ruleid: search-path-writable
    sys.path.insert(0, os.path.join(os.getcwd(), "plugins"))


def load_own():
    # ok: search-path-writable
    sys.path.insert(0, "/opt/app/plugins")


def load_beside():
    # ok: search-path-writable
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
