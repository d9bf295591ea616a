from urllib.parse import urlparse

HOSTS = {"example.com"}


def allowed(url):
    # ruleid: url-substring-check
    if "example.com" in url:
        return True
    # ruleid: url-substring-check
    if url.startswith("https://example.com"):
        return True
    # ruleid: url-substring-check
    if url.endswith("example.com"):
        return True
    # ok: url-substring-check
    if url.startswith("https://example.com/"):
        return True
    # ok: url-substring-check
    if "example.com" in HOSTS:
        return True
    # ok: url-substring-check
    if urlparse(url).hostname.endswith(".example.com"):
        return True
    # ok: url-substring-check
    return urlparse(url).hostname in HOSTS
