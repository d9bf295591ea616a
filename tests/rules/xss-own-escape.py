import html
import re


def clean(text):
    # ruleid: xss-own-escape
    return text.replace("<script>", "")


def clean_more(text):
    # ruleid: xss-own-escape
    return re.sub(r"<script.*?>", "", text)


def angle(text):
    # ruleid: xss-own-escape
    return text.replace("<", "&lt;").replace(">", "&gt;")


def clean_well(text):
    # ok: xss-own-escape
    return html.escape(text)


def full(text):
    # ok: xss-own-escape
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def spaces(text):
    # ok: xss-own-escape
    return text.replace(" ", "")
