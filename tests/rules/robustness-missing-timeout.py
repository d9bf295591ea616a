import requests


def weak(url):
    # ruleid: robustness-missing-timeout
    a = requests.get(url)
    # ruleid: robustness-missing-timeout
    b = requests.post(url, json={})
    session = requests.Session()
    # ruleid: robustness-missing-timeout
    c = session.get(url)
    return a, b, c


def fine(url, kwargs, data):
    # ok: robustness-missing-timeout
    a = requests.get(url, timeout=5)
    # ok: robustness-missing-timeout
    b = requests.post(url, **kwargs)
    # ok: robustness-missing-timeout
    c = data.get(url)
    return a, b, c
