def weak(items):
    for i in range(len(items) + 1):
        # ruleid: robustness-off-by-one
        print(items[i])
    # ruleid: robustness-off-by-one
    return items[len(items)]


def weaker(items):
    i = 0
    while i <= len(items):
        # ruleid: robustness-off-by-one
        print(items[i])
        i += 1


def fine(items, table):
    for i in range(len(items)):
        # ok: robustness-off-by-one
        print(items[i])
    for i in range(len(items) + 1):
        # ok: robustness-off-by-one
        print(items[:i])
        # ok: robustness-off-by-one
        table[i] = 0
    # ok: robustness-off-by-one
    return items[len(items) - 1]
