import sys

from flask import request

ITEMS = ["a", "b", "c"]


def choose():
    index = int(input("which? "))
    # ruleid: index-from-input
    return ITEMS[index]


def item():
    # ruleid: index-from-input
    return ITEMS[int(request.args["index"])]


def choose_checked():
    index = int(input("which? "))
    if not 0 <= index < len(ITEMS):
        raise ValueError(index)
    # ok: index-from-input
    return ITEMS[index]


def choose_caught():
    index = int(input("which? "))
    try:
        # ok: index-from-input
        return ITEMS[index]
    except IndexError:
        return None


def argument():
    # ok: index-from-input
    return sys.argv[1]
