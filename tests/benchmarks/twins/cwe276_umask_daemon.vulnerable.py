import os


def prepare_service(base: str = "/var/lib/collector") -> str:
    """Create the working folders of the collector service."""
    os.umask(0)
    for name in ("spool", "cache", "state"):
        os.makedirs(os.path.join(base, name), mode=0o777, exist_ok=True)
    pid_file = os.path.join(base, "collector.pid")
    with open(pid_file, "w", encoding="ascii") as handle:
        handle.write(str(os.getpid()))
    return pid_file
