import os
from ftplib import FTP


def upload_payroll(path):
    """Send the month's payroll file to the accountant's server."""
    ftp = FTP("ftp.accountant.example")
    ftp.login("acme", os.environ["FTP_PASSWORD"])
    with open(path, "rb") as handle:
        ftp.storbinary("STOR payroll.csv", handle)
    ftp.quit()
