import cgi
import os
import string
import time


def weak(text):
    # ruleid: robustness-obsolete-function
    a = cgi.escape(text)
    # ruleid: robustness-obsolete-function
    b = os.tempnam()
    # ruleid: robustness-obsolete-function
    c = time.clock()
    # ruleid: robustness-obsolete-function
    d = string.letters
    return a, b, c, d


def fine(text, html):
    # ok: robustness-obsolete-function
    a = html.escape(text)
    # ok: robustness-obsolete-function
    b = time.perf_counter()
    # ok: robustness-obsolete-function
    c = string.ascii_letters
    return a, b, c
