import logging

import requests

log = logging.getLogger(__name__)


class PaymentClient:
    def __init__(self, base_url, api_key):
        self.base_url = base_url
        self._api_key = api_key

    def charge(self, card_number, cvv, amount):
        """Charge a card and return the provider's reference."""
        log.debug("charging an amount of %d cents", amount)
        response = requests.post(
            f"{self.base_url}/charges",
            json={"card": card_number, "cvv": cvv, "amount": amount},
            headers={"Authorization": f"Bearer {self._api_key}"},
            timeout=15,
        )
        response.raise_for_status()
        return response.json()["reference"]
