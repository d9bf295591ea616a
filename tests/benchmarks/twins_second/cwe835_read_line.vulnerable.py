import socket


def read_line(connection: socket.socket) -> bytes:
    """Read one line that the client sends."""
    data = b""
    while not data.endswith(b"\n"):
        data += connection.recv(1)
    return data.rstrip(b"\r\n")


def greet(connection: socket.socket) -> None:
    connection.settimeout(10)
    name = read_line(connection)
    connection.sendall(b"Hello " + name + b"\n")
