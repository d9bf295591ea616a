import subprocess

OPTIONS = {"compress": "--compress", "delete": "--delete", "checksum": "--checksum"}


def synchronise(source: str, destination: str, extra: tuple[str, ...] = ()) -> int:
    """Copy a folder with rsync, passing along the user's extra settings."""
    command = ["/usr/bin/rsync", "-a"]
    for name in extra:
        command.append(OPTIONS[name])
    command += ["--", source, destination]
    return subprocess.run(command, timeout=3600, check=False).returncode
