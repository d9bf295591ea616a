import socket


def listen(port: int) -> socket.socket:
    """Listen for commands of the local control program."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    server.bind(("0.0.0.0", port))
    server.listen(5)
    return server


def serve(port: int) -> None:
    server = listen(port)
    while True:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"ready\n")
