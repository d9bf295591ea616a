from django.utils.html import format_html
from django.utils.safestring import mark_safe
from flask import request
from markupsafe import Markup, escape


def bold(text):
    # ruleid: xss-marked-safe
    return mark_safe("<b>" + text + "</b>")


def banner():
    # ruleid: xss-marked-safe
    return Markup(request.args["banner"])


def bold_safely(text):
    # ok: xss-marked-safe
    return format_html("<b>{}</b>", text)


def banner_safely(text):
    # ok: xss-marked-safe
    first = Markup("<b>{}</b>").format(text)
    # ok: xss-marked-safe
    return Markup(f"<b>{escape(text)}</b>")
