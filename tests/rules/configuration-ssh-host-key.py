import subprocess
import paramiko


def weak(host):
    client = paramiko.SSHClient()
    # ruleid: configuration-ssh-host-key
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    # ruleid: configuration-ssh-host-key
    client.set_missing_host_key_policy(paramiko.WarningPolicy)
    # ruleid: configuration-ssh-host-key
    subprocess.run(["ssh", "-o", "StrictHostKeyChecking=no", host])


def fine(host):
    client = paramiko.SSHClient()
    # ok: configuration-ssh-host-key
    client.load_system_host_keys()
    # ok: configuration-ssh-host-key
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    # ok: configuration-ssh-host-key
    subprocess.run(["ssh", "-o", "StrictHostKeyChecking=yes", host])
