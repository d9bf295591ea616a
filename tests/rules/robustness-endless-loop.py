def weak(items):
    count = 0
    # ruleid: robustness-endless-loop
    while True:
        count += 1


def weaker(n):
    i = 0
    # ruleid: robustness-endless-loop
    while i < n:
        print(i)


def fine(n, items):
    i = 0
    # ok: robustness-endless-loop
    while i < n:
        i += 1
    # ok: robustness-endless-loop
    while True:
        i -= 1
        if i < 0:
            break
    a, b = n, 1
    # ok: robustness-endless-loop
    while b > 0:
        a, b = b, a % b
    # ok: robustness-endless-loop
    while items:
        items.pop()
    return a


def serve(server):
    # ok: robustness-endless-loop
    while True:
        conn, address = server.accept()
        conn.close()
