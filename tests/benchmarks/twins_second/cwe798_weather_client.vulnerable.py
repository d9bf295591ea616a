import requests

API_KEY = "wk_live_8f3b1c77d2e94a60b5"


def current_temperature(city: str) -> float:
    response = requests.get(
        "https://api.weather.example/v2/current",
        params={"city": city},
        headers={"Authorization": "Bearer " + API_KEY},
        timeout=10,
    )
    response.raise_for_status()
    return response.json()["temperature"]
