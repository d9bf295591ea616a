import shlex
import subprocess


def synchronise(source: str, destination: str, extra: str = "") -> int:
    """Copy a folder with rsync, passing along the user's extra settings."""
    command = ["/usr/bin/rsync", "-a"]
    command += shlex.split(extra)
    command += [source, destination]
    return subprocess.run(command, timeout=3600).returncode
