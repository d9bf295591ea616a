import os
import tarfile


def unpack_theme(archive_path, theme_dir):
    """Unpack a theme uploaded by a user and return the names in it."""
    os.makedirs(theme_dir, exist_ok=True)
    with tarfile.open(archive_path, "r:gz") as archive:
        names = archive.getnames()
        archive.extractall(theme_dir)
    return names
