import httpx


class WebhookSender:
    """Deliver events to the addresses that customers register."""

    def __init__(self, timeout=5.0):
        self._client = httpx.AsyncClient(timeout=timeout, follow_redirects=True)

    async def deliver(self, subscription, event):
        target = subscription["callback_url"]
        response = await self._client.post(target, json=event)
        return {"status": response.status_code, "body": response.text}
