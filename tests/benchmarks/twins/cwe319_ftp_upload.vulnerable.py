import ftplib
import os
from pathlib import Path


def publish(folder: Path, host: str) -> int:
    """Upload the site's pages to the web host."""
    count = 0
    with ftplib.FTP(host, timeout=30) as server:
        server.login(os.environ["FTP_USER"], os.environ["FTP_PASSWORD"])
        for page in sorted(folder.glob("*.html")):
            with page.open("rb") as handle:
                server.storbinary(f"STOR {page.name}", handle)
            count += 1
    return count
