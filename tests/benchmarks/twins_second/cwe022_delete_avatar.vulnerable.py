from pathlib import Path

AVATARS = Path("/var/lib/forum/avatars")


def delete_avatar(file_name: str) -> bool:
    """Delete an avatar by its file name, as given in the request."""
    target = AVATARS / file_name
    if target.exists():
        target.unlink()
        return True
    return False
