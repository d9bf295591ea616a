"""The process inside the sandbox that is ready to run: for each run it forks one into namespaces of its own.

    zygote (pid 1 of its namespace) ── fork ──▶ supervisor ── unshare, fork ──▶ run (pid 1 of its own)

The zygote takes orders over a Unix socket: settings, and four descriptors of the run (requests, replies, printed text,
status). The supervisor tells the status socket of the run's beginning, with a pidfd, and of its end, with what it used.
It also answers the run's forbidden system calls: EPERM and a tally, or, for what only an attack would use, death.
The run confines itself before it even has an order. Standard library only; never imported by the host.

Source: pid_namespaces(7); the zygote of Android and Chromium.
"""

import gc
import json
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.dirname(__file__))
import ncg_child  # noqa: F401  with what it needs: after the fork nothing is read from disk
import ncg_kernel as kernel
import ncg_relayed
import ncg_run
import ncg_supervisor

del sys.path[0]

# Modules without submodules that honest code often imports. A package would leave its submodules bound, and code that
# forgot to import one would run here and nowhere else.
for _name in ("bisect", "collections", "copy", "datetime", "decimal", "fractions", "functools", "hashlib", "heapq",
              "itertools", "math", "operator", "random", "re", "statistics", "string", "typing"):
    __import__(_name)


class Setup:
    """What is the same for every run of this zygote."""

    def __init__(self, data):
        self.notify = kernel.can_notify(data["notifying"])
        self.filter = kernel.filter_of(data["notifying" if self.notify else "deciding"])
        self.limits_filter = kernel.filter_of(data["limits"])
        self.runs = data.get("runs", "")
        self.is_relayed = False
        self.num_threads, self.visible = data["num_threads"], data["visible"]
        self.devices, self.landlock = data.get("devices", ()), data.get("landlock", 0)
        self.names = {int(number): name for number, name in data["names"].items()}
        self.attacks = frozenset(data["attacks"])
        self.tmp_bytes = data["tmp_bytes"]
        self.namespaces = data["namespaces"]
        self.site, self.path, self.project = data["site"], data["path"], data["project"]


def main():
    if sys.argv[1] == "-":
        return ncg_relayed.serve(Setup, Standby)
    control = socket.socket(fileno=int(sys.argv[1]))
    setup = Setup(json.loads(control.recv(ncg_run.MAX_ORDER_BYTES)))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # supervisors need no burial
    gc.collect()
    gc.freeze()  # the pages of what is there stay shared
    standby = Standby(setup, control)
    control.send(b"ready")
    while True:
        data, fds, _, _ = socket.recv_fds(control, ncg_run.MAX_ORDER_BYTES, 4)
        if not data:
            os._exit(0)  # the host is gone
        standby.start(data, fds)
        for fd in fds:
            os.close(fd)
        standby = Standby(setup, control)


class Standby:
    """A run that has its namespaces and waits for its order: to make them is most of the time that a run takes."""

    def __init__(self, setup, *unneeded):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.fork() == 0:
            try:
                for one in (self.socket, *unneeded):
                    one.close()
                ncg_supervisor.supervise(setup, theirs)
            finally:
                os._exit(1)
        theirs.close()

    def start(self, order, fds):
        """Where the standby has died, the descriptors close and the host sees it."""
        try:
            socket.send_fds(self.socket, [order], fds)
        except OSError:
            pass
        self.socket.close()


if __name__ == "__main__":
    main()
