import asyncio
import ssl


class MessageLink:
    """A TLS connection to the message broker."""

    def __init__(self, host, port=5671, ca_file=None):
        self.host = host
        self.port = port
        self.ca_file = ca_file

    def _context(self):
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    async def open(self):
        connection = asyncio.open_connection(self.host, self.port, ssl=self._context())
        return await asyncio.wait_for(connection, timeout=10)
