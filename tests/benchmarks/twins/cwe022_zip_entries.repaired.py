import os
import zipfile

MAX_ENTRY = 5 * 1024 * 1024
MAX_ENTRIES = 500


def unpack_theme(archive_path, themes_folder):
    """Write every file of an uploaded theme below the themes folder."""
    root = os.path.realpath(themes_folder)
    written = []
    with zipfile.ZipFile(archive_path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(entries) > MAX_ENTRIES:
            raise ValueError("too many files in the theme")
        for entry in entries:
            destination = os.path.realpath(os.path.join(root, entry.filename))
            if os.path.commonpath([root, destination]) != root:
                raise ValueError("entry outside of the themes folder")
            if entry.file_size > MAX_ENTRY:
                raise ValueError("file too large")
            os.makedirs(os.path.dirname(destination), exist_ok=True)
            with open(destination, "wb") as output:
                output.write(archive.read(entry))
            written.append(destination)
    return written
