from flask import request


def weak():
    # ruleid: access-referer-check
    if "example.org" in request.headers.get("Referer", ""):
        return secret()


def weaker():
    referer = request.referrer
    # ruleid: access-referer-check
    if referer.startswith("https://example.org/"):
        return secret()


def third():
    # ruleid: access-referer-check
    if request.headers["Referer"] != "https://example.org/admin":
        return "no"


def fine(log):
    # ok: access-referer-check
    log.info("from %s", request.referrer)
    # ok: access-referer-check
    agent = request.headers.get("User-Agent", "")
    # ok: access-referer-check
    return "bot" in agent
