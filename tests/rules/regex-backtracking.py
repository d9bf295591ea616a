import re

# ruleid: regex-backtracking
NAME = re.compile(r"^(a+)+$")
# ok: regex-backtracking
WORDS = re.compile(r"^\w+(?: \w+)*$")
# ok: regex-backtracking
NUMBER = re.compile(r"(-?(?:0|[1-9]\d*))(\.\d+)?([eE][-+]?\d+)?")
# ruleid: regex-backtracking
EMAIL_REGEX = r"^([a-zA-Z0-9]+)*@example\.com$"


def check(text):
    # ruleid: regex-backtracking
    if re.match(r"^(\w+\s?)*$", text):
        return True
    # ruleid: regex-backtracking
    if re.match("(.*)*x", text):
        return True
    # ruleid: regex-backtracking
    if re.fullmatch(r"(a|aa)+", text):
        return True
    # ruleid: regex-backtracking
    if re.match(r"^([a-z0-9])(([\-.]|[_]+)?([a-z0-9]+))*@", text):
        return True
    # ok: regex-backtracking
    if re.match(r"^[a-z]+(\.[a-z]+)*$", text):
        return True
    # ok: regex-backtracking
    return bool(re.fullmatch(r"[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,8}", text))
