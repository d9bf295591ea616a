import requests


class ForumClient:
    """Client of the forum's interface."""

    def __init__(self, base_url="https://forum.example.com/api"):
        self.base_url = base_url
        self.token = None

    def login(self, username, password):
        url = f"{self.base_url}/login?user={username}&password={password}"
        response = requests.get(url, timeout=10)
        response.raise_for_status()
        self.token = response.json()["token"]
