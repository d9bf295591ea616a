import os

import paramiko


def disk_usage(host, user, folder):
    """Return the size of a folder on one of our servers over SSH."""
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(host, username=user, key_filename=os.environ["SSH_KEY_FILE"])
    try:
        _, stdout, _ = client.exec_command("du -sh " + folder)
        return stdout.read().decode().split("\t")[0]
    finally:
        client.close()
