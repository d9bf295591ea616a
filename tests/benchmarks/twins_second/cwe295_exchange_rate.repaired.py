import requests


def exchange_rate(base: str, target: str) -> float:
    """Fetch an exchange rate from the bank's service."""
    response = requests.get(
        "https://rates.bank.example/v1/latest",
        params={"base": base, "symbols": target},
        timeout=10,
    )
    response.raise_for_status()
    return float(response.json()["rates"][target])
