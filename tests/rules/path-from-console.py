import os

BASE = "notes"


def show():
    name = input("note: ")
    # ruleid: path-from-console
    print(open(os.path.join(BASE, name)).read())
    # ok: path-from-console
    print(open("notes/index").read())


def show_safely():
    name = input("note: ")
    # ok: path-from-console
    print(open(os.path.join(BASE, os.path.basename(name))).read())
