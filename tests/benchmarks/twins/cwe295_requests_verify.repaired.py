import os

import requests


class InventoryClient:
    """Client of the warehouse's REST interface."""

    def __init__(self, base_url):
        self.session = requests.Session()
        self.session.verify = "/etc/ssl/certs/warehouse-ca.pem"
        self.session.headers["Authorization"] = "Bearer " + os.environ["INVENTORY_TOKEN"]
        self.base_url = base_url

    def stock(self, sku):
        response = self.session.get(f"{self.base_url}/stock", params={"sku": sku}, timeout=10)
        response.raise_for_status()
        return response.json()["quantity"]
