import os


def weak(uid, gid):
    # ruleid: configuration-privilege-drop
    os.setuid(uid)
    os.setgid(gid)


def only_user(uid):
    # ruleid: configuration-privilege-drop
    os.setuid(uid)
    serve()


def swallowed(uid, gid):
    os.setgid(gid)
    # ruleid: configuration-privilege-drop
    try:
        os.setuid(uid)
    except OSError:
        pass


def fine(uid, gid):
    os.setgroups([])
    # ok: configuration-privilege-drop
    os.setgid(gid)
    # ok: configuration-privilege-drop
    os.setuid(uid)
