import re


def search(pattern, lines):
    # ruleid: regex-from-parameter
    return [line for line in lines if re.search(pattern, line)]


def highlight(word, text):
    # ruleid: regex-from-parameter
    return re.sub(f"({word})", "<b>\\1</b>", text)


def highlight_safely(word, text):
    # ok: regex-from-parameter
    return re.sub(re.escape(word), "*", text)


def has_digits(text):
    # ok: regex-from-parameter
    return re.search(r"\d+", text)
