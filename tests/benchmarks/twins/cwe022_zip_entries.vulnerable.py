import os
import zipfile


def unpack_theme(archive_path, themes_folder):
    """Write every file of an uploaded theme below the themes folder."""
    written = []
    with zipfile.ZipFile(archive_path) as archive:
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            destination = os.path.join(themes_folder, entry.filename)
            os.makedirs(os.path.dirname(destination), exist_ok=True)
            with open(destination, "wb") as output:
                output.write(archive.read(entry))
            written.append(destination)
    return written
