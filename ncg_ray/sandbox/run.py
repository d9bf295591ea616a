"""From a fork of the zygote to a run: confined first, then given its order, then serving one role.

Lives in the zygote; standard library only.
"""

import fcntl
import json
import os
import resource
import socket
import sys
import tempfile

import ncg_child
import ncg_kernel as kernel
import ncg_proxy
import ncg_suite
import ncg_tools

MAX_ORDER_BYTES = 1 << 16
REQUESTS_FD, REPLIES_FD, SUPERVISOR_FD, LAST_FD = 3, 4, 20, 64
"Of a run: it holds the first two and what is printed to, and nothing else."


def run(setup, folder, supervisor):
    """Become the run: confine this process, wait for the order, then serve one role."""
    os.setsid()
    kernel.die_with_parent()
    if setup.namespaces:
        kernel.private_mounts(setup.tmp_bytes, setup.project)
    os.chdir(folder or "/tmp")
    if folder:
        tempfile.tempdir = os.environ["TMPDIR"] = folder
    # To fixed numbers, with everything else closed: what the supervisor and other runs hold is out of reach.
    os.dup2(supervisor.fileno(), SUPERVISOR_FD, inheritable=False)
    os.closerange(3, SUPERVISOR_FD)
    os.closerange(SUPERVISOR_FD + 1, 1 << 16 if not setup.is_relayed else 256)  # each call costs much in there
    supervisor = socket.socket(fileno=SUPERVISOR_FD)
    if setup.landlock:
        kernel.restrict(setup, folder)
    if setup.num_threads:
        resource.setrlimit(resource.RLIMIT_NPROC, (setup.num_threads, setup.num_threads))
    kernel.confine(setup, supervisor)
    ncg_child.ncg_observe.SITE, ncg_tools.PROJECT, ncg_tools.FOLDER = setup.site, setup.project, folder or "/tmp"
    del sys.argv[1:]
    sys.modules["__main__"] = ncg_child
    warm_up()

    data, fds, _, _ = socket.recv_fds(supervisor, MAX_ORDER_BYTES, 3)
    if not data:
        os._exit(0)
    kernel.name_process(b"ncg-run")
    order = json.loads(data)
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, SUPERVISOR_FD) for fd in (*fds, fds[2])]
    for number, fd in zip((REQUESTS_FD, REPLIES_FD, 1, 2), high, strict=True):
        os.dup2(fd, number, inheritable=False)
    supervisor.close()
    os.closerange(REPLIES_FD + 1, LAST_FD)
    limit(order)
    kernel.keep_limits(setup)
    sys.path[:0] = [*setup.path, *([setup.site] if order["site"] else ())]
    pipe = ncg_child.Pipe(REQUESTS_FD, REPLIES_FD)
    pipe.send({"hello": order["hello"]})
    ncg_child.serve_role(pipe, order["role"], ncg_proxy, ncg_suite)


def warm_up():
    """Touch what every run touches: its pages are then this process's own before anybody waits for them."""
    candidate = ncg_child.Candidate()
    candidate.load("def f(x):\n    return [x]\n", "f")
    candidate.call("f", [1], {}, False)
    del sys.modules["candidate"]


def limit(order):
    """What this run may use."""
    limits = [(resource.RLIMIT_AS, "memory_bytes"), (resource.RLIMIT_CPU, "cpu_s"),
              (resource.RLIMIT_FSIZE, "file_bytes"), (resource.RLIMIT_NOFILE, "num_files")]
    for name, key in limits:
        resource.setrlimit(name, (order[key], order[key]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
