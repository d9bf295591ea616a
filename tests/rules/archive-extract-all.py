import os
import shutil
import tarfile


def unpack(path):
    with tarfile.open(path) as archive:
        # ruleid: archive-extract-all
        archive.extractall("/srv/out")


def unpack_second(path):
    archive = tarfile.open(path, "r:gz")
    # ruleid: archive-extract-all
    archive.extractall(path="/srv/out")
    # ruleid: archive-extract-all
    shutil.unpack_archive(path, "/srv/out")


def unpack_filtered(path):
    with tarfile.open(path) as archive:
        # ok: archive-extract-all
        archive.extractall("/srv/out", filter="data")


def unpack_checked(path, target):
    with tarfile.open(path) as archive:
        for member in archive.getmembers():
            full = os.path.realpath(os.path.join(target, member.name))
            if not full.startswith(target + os.sep):
                raise ValueError(member.name)
        # ok: archive-extract-all
        archive.extractall(target)
