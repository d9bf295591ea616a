import socket


def listen(port: int) -> socket.socket:
    """Listen for commands of the local control program."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind(("127.0.0.1", port))
    server.listen(5)
    return server


def serve(port: int) -> None:
    server = listen(port)
    while True:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"ready\n")
