import requests


class ForumClient:
    """Client of the forum's interface."""

    def __init__(self, base_url="https://forum.example.com/api"):
        self.base_url = base_url
        self.token = None

    def login(self, username, password):
        response = requests.post(
            f"{self.base_url}/login",
            json={"user": username, "password": password},
            timeout=10,
        )
        response.raise_for_status()
        self.token = response.json()["token"]
