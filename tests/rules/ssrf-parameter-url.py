import ipaddress
import socket
from urllib.parse import urlparse

import requests


def download(url):
    # ruleid: ssrf-parameter-url
    return requests.get(url, timeout=5).content


def status(host: str):
    # ruleid: ssrf-parameter-url
    return requests.get("http://" + host + "/status", timeout=5).text


def download_checked(url):
    address = socket.gethostbyname(urlparse(url).hostname)
    if ipaddress.ip_address(address).is_private:
        raise ValueError(url)
    # ok: ssrf-parameter-url
    return requests.get(url, timeout=5).content


def user(name):
    # ok: ssrf-parameter-url
    return requests.get(f"https://api.example.com/users/{name}", timeout=5).json()


def fixed(params):
    # ok: ssrf-parameter-url
    return requests.get("https://api.example.com/users", params=params, timeout=5).json()


def channel(host, port=443):
    # ok: ssrf-parameter-url
    return socket.create_connection((host, port), timeout=10)
