import os
import subprocess
import sys
import tempfile

import requests

UPDATE_URL = "https://downloads.example.com/agent/latest.py"


def self_update():
    """Download the newest installer and run it."""
    response = requests.get(UPDATE_URL, timeout=30)
    response.raise_for_status()
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "installer.py")
        with open(script, "wb") as handle:
            handle.write(response.content)
        subprocess.run([sys.executable, script], check=True, timeout=300)
