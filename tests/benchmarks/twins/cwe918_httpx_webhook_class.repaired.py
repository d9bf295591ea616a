from urllib.parse import urlsplit

import httpx


class WebhookSender:
    """Deliver events to the addresses that customers register."""

    def __init__(self, allowed_hosts, timeout=5.0):
        self._allowed_hosts = frozenset(allowed_hosts)
        self._client = httpx.AsyncClient(timeout=timeout, follow_redirects=False)

    async def deliver(self, subscription, event):
        parts = urlsplit(subscription["callback_url"])
        if parts.scheme != "https" or parts.netloc not in self._allowed_hosts:
            raise ValueError("callback address is not allowed")
        target = f"https://{parts.netloc}{parts.path}"
        response = await self._client.post(target, json=event)
        return {"status": response.status_code}
