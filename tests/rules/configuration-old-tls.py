import ssl


def weak():
    # ruleid: configuration-old-tls
    a = ssl.SSLContext(ssl.PROTOCOL_TLSv1)
    # ruleid: configuration-old-tls
    b = ssl.SSLContext(ssl.PROTOCOL_SSLv3)
    # ruleid: configuration-old-tls
    a.minimum_version = ssl.TLSVersion.TLSv1
    # ruleid: configuration-old-tls
    a.set_ciphers("ALL:!aNULL")
    return a, b


def fine():
    # ok: configuration-old-tls
    a = ssl.create_default_context()
    # ok: configuration-old-tls
    b = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # ok: configuration-old-tls
    a.minimum_version = ssl.TLSVersion.TLSv1_2
    # ok: configuration-old-tls
    a.set_ciphers("ECDHE+AESGCM:!aNULL:!MD5")
    return a, b
