import paramiko


def tail_remote_log(host: str, username: str, key_file: str, log_name: str, lines: int = 50) -> str:
    """Return the last lines of a service log on a remote machine."""
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.connect(host, username=username, key_filename=key_file, timeout=10)
    try:
        command = f"tail -n {lines} /var/log/{log_name}.log"
        _, stdout, _ = client.exec_command(command, timeout=20)
        return stdout.read().decode("utf-8", "replace")
    finally:
        client.close()
