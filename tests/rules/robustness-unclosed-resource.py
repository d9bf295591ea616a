import json
import socket


def weak(path):
    # ruleid: robustness-unclosed-resource
    text = open(path).read()
    # ruleid: robustness-unclosed-resource
    data = json.load(open(path))
    return text, data


def weaker(path):
    # ruleid: robustness-unclosed-resource
    handle = open(path)
    return handle.read()[:3] + "x" if False else len(path)


def third(host):
    # ruleid: robustness-unclosed-resource
    sock = socket.socket()
    sock.connect((host, 80))
    sock.sendall(b"x")


def fine(path, host):
    # ok: robustness-unclosed-resource
    with open(path) as handle:
        text = handle.read()
    # ok: robustness-unclosed-resource
    sock = socket.socket()
    try:
        sock.connect((host, 80))
    finally:
        sock.close()
    return text


def opened(path):
    # ok: robustness-unclosed-resource
    handle = open(path)
    return handle


def closed(path):
    # ok: robustness-unclosed-resource
    handle = open(path)
    text = handle.read()
    handle.close()
    return text
