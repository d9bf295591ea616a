def weak(name, n, password, stored):
    # ruleid: robustness-identity-comparison
    if name is "admin":
        return 1
    # ruleid: robustness-identity-comparison
    if n is 5:
        return 2
    # ruleid: robustness-identity-comparison
    if name is not "":
        return 3
    # ruleid: robustness-identity-comparison
    return password is stored


def fine(name, n, node, password):
    # ok: robustness-identity-comparison
    if name is None:
        return 1
    # ok: robustness-identity-comparison
    if n == 5:
        return 2
    # ok: robustness-identity-comparison
    if node is node.next:
        return 3
    # ok: robustness-identity-comparison
    if password is not None:
        return 4
    # ok: robustness-identity-comparison
    return n is True
