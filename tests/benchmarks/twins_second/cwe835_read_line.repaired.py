import socket


def read_line(connection: socket.socket) -> bytes:
    """Read one line that the client sends."""
    data = b""
    while not data.endswith(b"\n"):
        block = connection.recv(1)
        if not block or len(data) >= 4096:
            raise ConnectionError("the client sent no whole line")
        data += block
    return data.rstrip(b"\r\n")


def greet(connection: socket.socket) -> None:
    connection.settimeout(10)
    name = read_line(connection)
    connection.sendall(b"Hello " + name + b"\n")
