import socket
import ssl


def open_channel(host: str, port: int = 443) -> ssl.SSLSocket:
    """Open an encrypted connection to the gateway."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    raw = socket.create_connection((host, port), timeout=10)
    return context.wrap_socket(raw, server_hostname=host)
