import socket


def weak(host):
    with socket.socket() as s:
        pass
    s = socket.socket()
    # ruleid: robustness-socket-timeout
    s.connect((host, 80))
    return s.recv(10)


def weaker(host):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # ruleid: robustness-socket-timeout
    s.connect((host, 80))
    data = s.recv(10)
    s.close()
    return data


def fine(host):
    s = socket.socket()
    s.settimeout(5)
    # ok: robustness-socket-timeout
    s.connect((host, 80))
    return s.recv(10)


def other(database):
    # ok: robustness-socket-timeout
    return database.connect("x")
