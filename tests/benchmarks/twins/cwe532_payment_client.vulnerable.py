import logging

import requests

log = logging.getLogger(__name__)


class PaymentClient:
    def __init__(self, base_url, api_key):
        self.base_url = base_url
        self.api_key = api_key

    def charge(self, card_number, cvv, amount):
        """Charge a card and return the provider's reference."""
        body = {"card": card_number, "cvv": cvv, "amount": amount}
        log.debug("POST %s/charges key=%s body=%s", self.base_url, self.api_key, body)
        response = requests.post(
            f"{self.base_url}/charges",
            json=body,
            headers={"Authorization": f"Bearer {self.api_key}"},
            timeout=15,
        )
        response.raise_for_status()
        return response.json()["reference"]
