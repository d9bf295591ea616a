import asyncio
import ssl


class MessageLink:
    """A TLS connection to the message broker."""

    def __init__(self, host, port=5671):
        self.host = host
        self.port = port

    def _context(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    async def open(self):
        connection = asyncio.open_connection(self.host, self.port, ssl=self._context())
        return await asyncio.wait_for(connection, timeout=10)
