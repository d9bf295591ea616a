import os

import requests

API_KEY = os.environ["WEATHER_API_KEY"]


def current_temperature(city: str) -> float:
    response = requests.get(
        "https://api.weather.example/v2/current",
        params={"city": city},
        headers={"Authorization": "Bearer " + API_KEY},
        timeout=10,
    )
    response.raise_for_status()
    return response.json()["temperature"]
