import zipfile

LIMIT = 1000000


def unpack(path):
    with zipfile.ZipFile(path) as archive:
        # ruleid: archive-zip-extract
        archive.extractall("/srv/out")


def unpack_checked(path):
    with zipfile.ZipFile(path) as archive:
        if sum(info.file_size for info in archive.infolist()) > LIMIT:
            raise ValueError(path)
        # ok: archive-zip-extract
        archive.extractall("/srv/out")
