import html


def comment(author, text):
    # ruleid: xss-html-parameter
    return f"<div><b>{author}</b>: {text}</div>"


def row(cells):
    line = "<tr>"
    for cell in cells:
        # ruleid: xss-html-parameter
        line += "<td>" + cell + "</td>"
    return line


def comment_safely(author, text):
    # ok: xss-html-parameter
    return f"<div><b>{html.escape(author)}</b>: {html.escape(text)}</div>"


def stars(count: int):
    # ok: xss-html-parameter
    return f"<b>{count}</b>"


def compare(a, b):
    # ok: xss-html-parameter
    return f"{a} < {b}"
