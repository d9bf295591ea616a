import shlex

import paramiko

LOGS = {"nginx": "/var/log/nginx/error.log", "app": "/var/log/app.log", "mail": "/var/log/mail.log"}


def tail_remote_log(host: str, username: str, key_file: str, log_name: str, lines: int = 50) -> str:
    """Return the last lines of a service log on a remote machine."""
    path = LOGS[log_name]
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(host, username=username, key_filename=key_file, timeout=10)
    try:
        command = shlex.join(["tail", "-n", str(int(lines)), path])
        _, stdout, _ = client.exec_command(command, timeout=20)
        return stdout.read().decode("utf-8", "replace")
    finally:
        client.close()
