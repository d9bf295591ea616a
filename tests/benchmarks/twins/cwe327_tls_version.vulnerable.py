import socket
import ssl


def open_channel(host: str, port: int = 443) -> ssl.SSLSocket:
    """Open an encrypted connection to the gateway."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLSv1)
    context.verify_mode = ssl.CERT_REQUIRED
    context.check_hostname = True
    context.load_default_certs()
    raw = socket.create_connection((host, port), timeout=10)
    return context.wrap_socket(raw, server_hostname=host)
