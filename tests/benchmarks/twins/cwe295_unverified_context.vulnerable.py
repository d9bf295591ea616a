import json
import ssl
import urllib.request

RATES_URL = "https://rates.example.com/latest.json"


def exchange_rates() -> dict[str, float]:
    """Download the current exchange rates."""
    context = ssl._create_unverified_context()
    with urllib.request.urlopen(RATES_URL, timeout=10, context=context) as response:
        return json.load(response)["rates"]
