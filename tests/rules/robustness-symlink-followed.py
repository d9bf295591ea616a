import os


def weak(folder, uid, name):
    # ruleid: robustness-symlink-followed
    for base, dirs, files in os.walk(folder, followlinks=True):
        work(files)
    for base, dirs, files in os.walk(folder):
        # ruleid: robustness-symlink-followed
        os.chown(base, uid, uid)
    # ruleid: robustness-symlink-followed
    return os.open("/tmp/app.log", os.O_CREAT | os.O_WRONLY)


def joined(name):
    path = os.path.join("uploads", name)
    # ruleid: robustness-symlink-followed
    with open(path) as handle:
        return handle.read()


def fine(folder, uid, name):
    for base, dirs, files in os.walk(folder):
        # ok: robustness-symlink-followed
        os.chown(base, uid, uid, follow_symlinks=False)
    # ok: robustness-symlink-followed
    return os.open("/tmp/app.log", os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW)


def checked(name):
    path = os.path.realpath(os.path.join("uploads", name))
    # ok: robustness-symlink-followed
    with open(path) as handle:
        return handle.read()
