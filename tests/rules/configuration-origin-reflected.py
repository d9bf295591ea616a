from flask import request

ALLOWED = {"https://app.example.org"}


def weak(response):
    # ruleid: configuration-origin-reflected
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin")
    return response


def weaker(response):
    origin = request.headers.get("Origin", "*")
    # ruleid: configuration-origin-reflected
    response.headers["Access-Control-Allow-Origin"] = origin
    return response


def fine(response):
    origin = request.headers.get("Origin")
    if origin in ALLOWED:
        # ok: configuration-origin-reflected
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


def fixed(response):
    # ok: configuration-origin-reflected
    response.headers["Access-Control-Allow-Origin"] = "https://app.example.org"
    return response
