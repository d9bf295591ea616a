from pathlib import Path

AVATARS = Path("/var/lib/forum/avatars")


def delete_avatar(file_name: str) -> bool:
    """Delete an avatar by its file name, as given in the request."""
    root = AVATARS.resolve()
    target = (root / file_name).resolve()
    if target.parent != root:
        return False
    if target.exists():
        target.unlink()
        return True
    return False
