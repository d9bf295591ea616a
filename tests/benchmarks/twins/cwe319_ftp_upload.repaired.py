import os
from pathlib import Path

import paramiko


def publish(folder: Path, host: str) -> int:
    """Upload the site's pages to the web host."""
    count = 0
    with paramiko.SSHClient() as client:
        client.load_system_host_keys()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        client.connect(host, username=os.environ["SFTP_USER"], key_filename=os.environ["SFTP_KEY"], timeout=30)
        with client.open_sftp() as sftp:
            for page in sorted(folder.glob("*.html")):
                sftp.put(str(page), page.name)
                count += 1
    return count
