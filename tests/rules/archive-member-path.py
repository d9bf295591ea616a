import os
import zipfile


def unpack(path, target):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            # ruleid: archive-member-path
            with open(os.path.join(target, name), "wb") as file:
                file.write(archive.read(name))


def unpack_checked(path, target):
    target = os.path.realpath(target)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            full = os.path.realpath(os.path.join(target, name))
            if os.path.commonpath([target, full]) != target:
                raise ValueError(name)
            # ok: archive-member-path
            with open(full, "wb") as file:
                file.write(archive.read(name))


def names(path):
    with zipfile.ZipFile(path) as archive:
        # ok: archive-member-path
        return archive.namelist()
