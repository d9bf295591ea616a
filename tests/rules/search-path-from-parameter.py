import ctypes
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def add_plugins(folder):
    # ruleid: search-path-from-parameter
    sys.path.append(folder)


def load(library):
    # ruleid: search-path-from-parameter
    return ctypes.CDLL(library)


def add_own():
    # ok: search-path-from-parameter
    sys.path.append(os.path.join(HERE, "plugins"))


def load_own():
    # ok: search-path-from-parameter
    return ctypes.CDLL("/usr/lib/libm.so.6")
