from flask import redirect

TARGETS = {"home": "/", "help": "/help"}


def finish(next_url):
    # ruleid: redirect-open-parameter
    return redirect(next_url)


def finish_on(host):
    # ruleid: redirect-open-parameter
    return redirect("https://" + host)


def finish_at(name):
    # ok: redirect-open-parameter
    return redirect(TARGETS.get(name, "/"))


def finish_here(next_url):
    if not next_url.startswith("/") or next_url.startswith("//"):
        next_url = "/"
    # ok: redirect-open-parameter
    return redirect(next_url)
