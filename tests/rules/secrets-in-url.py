import requests
from flask import request


def weak(password, user):
    # ruleid: secrets-in-url
    a = request.args.get("password")
    # ruleid: secrets-in-url
    b = requests.get("https://a.example/login", params={"user": user, "password": password})
    # ruleid: secrets-in-url
    c = requests.get(f"https://a.example/login?user={user}&password={password}")
    # ruleid: secrets-in-url
    d = "https://a.example/?api_key=" + password
    return a, b, c, d


def fine(password, user, page):
    # ok: secrets-in-url
    a = request.form.get("password")
    # ok: secrets-in-url
    b = requests.post("https://a.example/login", json={"user": user, "password": password}, timeout=5)
    # ok: secrets-in-url
    c = f"https://a.example/list?page={page}"
    # ok: secrets-in-url
    d = request.args.get("page")
    return a, b, c, d
