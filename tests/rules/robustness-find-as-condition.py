def weak(text, mail):
    # ruleid: robustness-find-as-condition
    if text.find("admin"):
        return True
    # ruleid: robustness-find-as-condition
    if not mail.find("@"):
        return False
    # ruleid: robustness-find-as-condition
    return not text.find("x")


def fine(text, mail, tree):
    # ok: robustness-find-as-condition
    if text.find("admin") != -1:
        return True
    # ok: robustness-find-as-condition
    if "@" in mail:
        return True
    # ok: robustness-find-as-condition
    position = text.find("x")
    # ok: robustness-find-as-condition
    if tree.find(mail):
        return 1
    return position
