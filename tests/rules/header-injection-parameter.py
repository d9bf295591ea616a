def redirect_answer(location):
    # ruleid: header-injection-parameter
    return f"HTTP/1.1 302 Found\r\nLocation: {location}\r\n\r\n"


def tag(response, value):
    # ruleid: header-injection-parameter
    response.headers["X-Tag"] = value


def tag_safely(response, value):
    if "\r" in value or "\n" in value:
        raise ValueError("line break")
    # ok: header-injection-parameter
    response.headers["X-Tag"] = value


def age(response, seconds: int):
    # ok: header-injection-parameter
    response.headers["Age"] = str(seconds)
