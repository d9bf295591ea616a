import os
import subprocess
import sys
import tempfile

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

UPDATE_URL = "https://downloads.example.com/agent/latest.py"
PUBLIC_KEY = bytes.fromhex("0fd6ba0f88f0d0dfbb71bba80fa4138dee32d1b29e4dc3f9b5a271c29be66dd7")


def download(url):
    response = requests.get(url, timeout=30)
    response.raise_for_status()
    return response.content


def self_update():
    """Download the newest installer, verify its signature and run it."""
    content = download(UPDATE_URL)
    signature = download(UPDATE_URL + ".sig")
    Ed25519PublicKey.from_public_bytes(PUBLIC_KEY).verify(signature, content)
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "installer.py")
        with open(script, "wb") as handle:
            handle.write(content)
        subprocess.run([sys.executable, script], check=True, timeout=300)
