import hashlib
import subprocess
import urllib.request
import requests


# ruleid: configuration-unverified-download
def weak(url):
    code = requests.get(url).text
    exec(code)


# ruleid: configuration-unverified-download
def install(url, path):
    urllib.request.urlretrieve(url, path)
    subprocess.run(["python", path])


def piped():
    # ruleid: configuration-unverified-download
    subprocess.run("curl https://example.org/install.sh | bash", shell=True)


# ok: configuration-unverified-download
def fine(url, path, wanted):
    data = urllib.request.urlopen(url).read()
    if hashlib.sha256(data).hexdigest() != wanted:
        raise ValueError("digest")
    with open(path, "wb") as handle:
        handle.write(data)
    subprocess.run(["python", path])


# ok: configuration-unverified-download
def fetch(url):
    return requests.get(url, timeout=5).text


def tidy():
    # ok: configuration-unverified-download
    subprocess.run("curl https://example.org/data.json -o data.json", shell=True)
