from flask import request


def forgot_password(mail, token, user):
    # ruleid: access-host-header-link
    link = "https://" + request.host + "/reset/" + token
    mail.send(user.email, link)


def reset_request(mail, token, user):
    host = request.headers.get("Host")
    # ruleid: access-host-header-link
    reset_url = f"https://{host}/reset?token={token}"
    mail.send(user.email, reset_url)


def forgot_again(mail, token, user, settings):
    # ok: access-host-header-link
    link = settings["BASE_URL"] + "/reset/" + token
    mail.send(user.email, link)


def page(request):
    # ok: access-host-header-link
    link = request.host + "/about"
    return link
