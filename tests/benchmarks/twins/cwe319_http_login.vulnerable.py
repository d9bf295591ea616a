import os

import requests

API = "http://api.telemetry-example.com/v2"


def fetch_token() -> str:
    """Sign in at the telemetry service and return an access token."""
    response = requests.post(
        f"{API}/login",
        json={"user": os.environ["TELEMETRY_USER"], "password": os.environ["TELEMETRY_PASSWORD"]},
        timeout=10,
    )
    response.raise_for_status()
    return response.json()["token"]
