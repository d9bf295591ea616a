import requests

RATES_URL = "https://rates.example.com/latest.json"


def exchange_rates() -> dict[str, float]:
    """Download the current exchange rates."""
    response = requests.get(RATES_URL, timeout=10)
    response.raise_for_status()
    return response.json()["rates"]
