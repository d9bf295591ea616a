import urllib.request
import requests

LOGIN = "http://api.example.org/login"


def weak(user, password, token):
    # ruleid: secrets-cleartext-http
    a = requests.post("http://api.example.org/login", data={"u": user, "p": password})
    # ruleid: secrets-cleartext-http
    b = requests.get("http://api.example.org/me", headers={"Authorization": token})
    # ruleid: secrets-cleartext-http
    c = requests.post(LOGIN, json={"u": user})
    # ruleid: secrets-cleartext-http
    d = requests.get("http://bank.example.org/account", auth=(user, password))
    return a, b, c, d


def fine(user, password):
    # ok: secrets-cleartext-http
    a = requests.post("https://api.example.org/login", data={"u": user, "p": password}, timeout=5)
    # ok: secrets-cleartext-http
    b = requests.get("http://example.org/robots.txt", timeout=5)
    # ok: secrets-cleartext-http
    c = requests.post("http://localhost:8000/hook", data={"x": 1}, timeout=5)
    # ok: secrets-cleartext-http
    d = urllib.request.urlopen("https://example.org/page")
    return a, b, c, d
