import ssl
import requests


def weak(url, context):
    # ruleid: configuration-tls-verification-off
    a = requests.get(url, verify=False)
    # ruleid: configuration-tls-verification-off
    b = ssl._create_unverified_context()
    # ruleid: configuration-tls-verification-off
    context.verify_mode = ssl.CERT_NONE
    session = requests.Session()
    # ruleid: configuration-tls-verification-off
    session.verify = False
    return a, b


def fine(url, context):
    # ok: configuration-tls-verification-off
    a = requests.get(url, timeout=5)
    # ok: configuration-tls-verification-off
    b = ssl.create_default_context()
    # ok: configuration-tls-verification-off
    context.verify_mode = ssl.CERT_REQUIRED
    # ok: configuration-tls-verification-off
    c = requests.get(url, verify="ca.pem", timeout=5)
    # ok: configuration-tls-verification-off
    d = check(url, verify=False)
    return a, b, c, d
