import os
import socket
import time


def serve(port=37):
    """Answer each connection with the time; started as root for the port."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind(("127.0.0.1", port))
    server.listen(5)
    if os.geteuid() != 0:
        os.seteuid(0)
    while True:
        connection, _ = server.accept()
        connection.sendall(time.ctime().encode())
        connection.close()
