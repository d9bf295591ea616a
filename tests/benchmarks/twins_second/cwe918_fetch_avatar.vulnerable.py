import urllib.request


def fetch_avatar(profile: dict) -> bytes:
    """Fetch the picture whose address a user has put in the profile."""
    address = profile["avatar_url"]
    with urllib.request.urlopen(address, timeout=5) as response:
        return response.read(2_000_000)
