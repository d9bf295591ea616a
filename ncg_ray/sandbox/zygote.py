"""The process inside bubblewrap that is ready to run: for each run it forks one into namespaces of its own.

    zygote (pid 1 of its namespace) ── fork ──▶ supervisor ── unshare, fork ──▶ run (pid 1 of its own)

The zygote takes orders over a Unix socket: settings, and four descriptors of the run (requests, replies, printed text,
status). The supervisor tells the status socket of the run's beginning, with a pidfd, and of its end, with what it used.
It also answers the run's forbidden system calls: EPERM and a tally, or, for what only an attack would use, death.
The run confines itself before it even has an order (`confine`). Standard library only; never imported by
the host.

Source: seccomp_unotify(2), pid_namespaces(7), capabilities(7).
"""

import ctypes
import fcntl
import gc
import json
import os
import resource
import select
import shutil
import signal
import socket
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
import ncg_child  # and what it needs: after the fork nothing is read from disk
import ncg_mux
import ncg_proxy
import ncg_suite
import ncg_tools

del sys.path[0]

# Modules without submodules that honest code often imports. A package would leave its submodules bound, and code that
# forgot to import one would run here and nowhere else.
for _name in ("bisect", "collections", "copy", "datetime", "decimal", "fractions", "functools", "hashlib", "heapq",
              "itertools", "math", "operator", "random", "re", "statistics", "string", "typing"):
    __import__(_name)

MS_REC, MS_PRIVATE, MS_NOSUID, MS_NODEV = 0x4000, 1 << 18, 2, 4
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID = 0x20000, 0x8000000, 0x20000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NAME, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 15, 22, 24, 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
SECCOMP_SET_MODE_FILTER, FLAG_NEW_LISTENER = 1, 8
SECCOMP = {"x86_64": 317, "aarch64": 277}
NOTIF_RECV, NOTIF_SEND = 0xC0502100, 0xC0182101
NOTIF_BYTES, RESPONSE = 80, struct.Struct("=QqiI")
EPERM = 1
MAX_ORDER_BYTES = 1 << 16
REQUESTS_FD, REPLIES_FD, SUPERVISOR_FD, LAST_FD = 3, 4, 20, 64
"Of a run: it holds the first two and what is printed to, and nothing else."
NO_PIDFD_MS = 2
"How often a run is looked at where no descriptor tells of its end."
FOLDER_MS = 50
"How often a folder that no mount limits is looked at."

LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_EXECUTE, LANDLOCK_WRITE_FILE, LANDLOCK_READ_FILE, LANDLOCK_READ_DIR = 1, 2, 4, 8
LANDLOCK_MAKE_SPECIAL = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11
"Devices, sockets, pipes."

_kept = []
"Buffers that the kernel reads."

libc = ctypes.CDLL(None, use_errno=True)
libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
libc.syscall.restype = ctypes.c_long
libc.syscall.argtypes = [ctypes.c_long] * 5


class Filter(ctypes.Structure):
    """struct sock_fprog"""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


class Setup:
    """What is the same for every run of this zygote."""

    def __init__(self, data):
        self.seccomp_call = SECCOMP[os.uname().machine]
        self.notify = self._can_notify(data["notifying"])
        self.filter = filter_of(data["notifying" if self.notify else "deciding"])
        self.is_relayed = False
        self.num_threads, self.visible = data["num_threads"], data["visible"]
        self.devices, self.landlock = data.get("devices", ()), data.get("landlock", 0)
        self.names = {int(number): name for number, name in data["names"].items()}
        self.attacks = frozenset(data["attacks"])
        self.tmp_bytes = data["tmp_bytes"]
        self.namespaces = data["namespaces"]
        self.site, self.path, self.project = data["site"], data["path"], data["project"]

    def _can_notify(self, program):
        """Whether this kernel, under whatever filters hold already, lets a supervisor answer calls."""
        pid = os.fork()
        if pid == 0:
            libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            os._exit(self.listen(filter_of(program)) < 0)
        return os.waitpid(pid, 0)[1] == 0

    def listen(self, program):
        """Install the filter; the descriptor on which forbidden calls arrive, or a negative number."""
        return libc.syscall(self.seccomp_call, SECCOMP_SET_MODE_FILTER, FLAG_NEW_LISTENER, ctypes.addressof(program), 0)


def filter_of(hexadecimal):
    """The program as a sock_fprog, which keeps its bytes alive."""
    program = ctypes.create_string_buffer(bytes.fromhex(hexadecimal))
    made = Filter(len(hexadecimal) // 16, ctypes.cast(program, ctypes.c_void_p))
    made.program = program
    return made


def main():
    if sys.argv[1] == "-":
        return relayed()
    control = socket.socket(fileno=int(sys.argv[1]))
    setup = Setup(json.loads(control.recv(MAX_ORDER_BYTES)))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # supervisors need no burial
    gc.collect()
    gc.freeze()  # the pages of what is there stay shared
    standby = Standby(setup, control)
    control.send(b"ready")
    while True:
        data, fds, _, _ = socket.recv_fds(control, MAX_ORDER_BYTES, 4)
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
                supervise(setup, theirs)
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


def relayed():
    """Orders come over standard input, and all descriptors of a run stay in here: see `mux.py`."""
    stream = ncg_mux.Stream(os.dup(0), os.dup(1))
    os.dup2(os.open(os.devnull, os.O_RDWR) if os.path.exists(os.devnull) else 2, 0)
    os.dup2(2, 1)
    frames = []
    while not frames:
        frames = stream.receive()
        if frames is None:
            return
    setup = Setup(json.loads(frames[0][2]))
    setup.is_relayed = True
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    stream.send(0, ncg_mux.ORDER, b"ready")
    runs, poll = {}, select.poll()
    standby = Standby(setup)
    poll.register(stream.read_fd, select.POLLIN)
    frames = frames[1:]
    while True:
        for number, channel, data in frames:
            if channel == ncg_mux.ORDER:
                runs[number] = RelayedRun(standby, stream, poll, number, data)
                standby = Standby(setup)
            elif number in runs:
                runs[number].take(channel, data)
        frames = []
        for fd, event in poll.poll():
            if fd == stream.read_fd:
                frames = stream.receive()
                if frames is None:
                    os._exit(0)  # the host is gone
                continue
            for number, run in list(runs.items()):
                if run.on(fd, event):
                    del runs[number]


class RelayedRun:
    """The zygote's ends of one run's pipes."""

    def __init__(self, standby, stream, poll, number, order):
        self.stream, self.poll, self.number = stream, poll, number
        self.pending, self.is_closing = bytearray(), False
        read_fd, self.requests = os.pipe()
        self.replies, write_fd = os.pipe()
        self.printed, output_fd = os.pipe()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        standby.start(order, [read_fd, write_fd, output_fd, theirs.fileno()])
        for fd in (read_fd, write_fd, output_fd):
            os.close(fd)
        theirs.close()
        self.status = ours
        os.set_blocking(self.requests, False)
        for fd in (self.replies, self.printed, ours):
            poll.register(fd, select.POLLIN)

    def take(self, channel, data):
        if channel == ncg_mux.KILL:
            self.status.shutdown(socket.SHUT_WR)
        elif data:
            self.pending += data
            self.flush()
        else:
            self.is_closing = True
            self.flush()

    def flush(self):
        """Send what the run is ready to read; the rest waits."""
        try:
            while self.pending:
                del self.pending[:os.write(self.requests, self.pending[:1 << 16])]
        except BlockingIOError:
            self.poll.register(self.requests, select.POLLOUT)
            return
        except OSError:
            self.pending.clear()
        if self.is_closing and self.requests >= 0:
            os.close(self.requests)
            self.requests = -1

    def on(self, fd, event):
        """Pass on what there is on a descriptor of this run; True where the run is over."""
        if fd == self.requests:
            self.poll.unregister(fd)
            self.flush()
        elif fd in (self.replies, self.printed):
            self.drain(fd)
        elif fd == self.status.fileno():
            data = self.status.recv(ncg_mux.CHUNK_BYTES)
            if data:
                self.stream.send(self.number, ncg_mux.STATUS, data)
                return False
            for pipe in (self.replies, self.printed):
                while self.drain(pipe):
                    pass
            self.poll.unregister(self.status)
            self.status.close()
            if self.requests >= 0:
                try:
                    self.poll.unregister(self.requests)
                except KeyError:
                    pass
                os.close(self.requests)
            self.stream.send(self.number, ncg_mux.STATUS)
            return True
        return False

    def drain(self, fd):
        """One read; False at the end of the pipe."""
        if fd < 0:
            return False
        data = os.read(fd, ncg_mux.CHUNK_BYTES)
        self.stream.send(self.number, ncg_mux.REPLIES if fd == self.replies else ncg_mux.PRINTED, data)
        if not data:
            self.poll.unregister(fd)
            os.close(fd)
            if fd == self.replies:
                self.replies = -1
            else:
                self.printed = -1
        return bool(data)


# --- the supervisor -----------------------------------------------------------------------------------------


def supervise(setup, orders):
    """Fork the run, give it its order, watch it, and say how it ended. Never returns."""
    name_process(b"ncg-standby")
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "pdeathsig")
    if setup.namespaces:
        check(libc.unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC), "unshare")
    folder = "" if setup.namespaces else tempfile.mkdtemp(prefix="ncg-run-")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        try:
            ours.close()
            orders.close()
            run(setup, folder, theirs)
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(125)
    theirs.close()
    child, listener = Child(pid), listener_of(setup, ours)
    json.dumps({"event": child.has_ended()})  # touched before anybody waits for it; see `warm_up`
    order, fds, _, _ = socket.recv_fds(orders, MAX_ORDER_BYTES, 4)
    if not order:  # the zygote is going
        child.kill()
        clear(folder)
        os._exit(0)
    name_process(b"ncg-watch")
    began = time.monotonic()
    status = socket.socket(fileno=fds[3])
    try:
        socket.send_fds(ours, [order], fds[:3])
    except OSError:
        pass  # it has died in its sleep: `watch` says so
    for fd in fds[:3]:
        os.close(fd)
    if setup.is_relayed:
        status.send(b'{"event": "started"}')
    else:
        socket.send_fds(status, [b'{"event": "started"}'], [child.pidfd])
    denials, killed_by = watch(setup, child, status, listener, folder)
    _, code, usage = os.wait4(pid, 0)
    clear(folder)
    status.send(json.dumps({
        "event": "ended", "signal": os.WTERMSIG(code) if os.WIFSIGNALED(code) else 0,
        "exit": os.WEXITSTATUS(code) if os.WIFEXITED(code) else -1, "wall_s": time.monotonic() - began,
        "cpu_s": usage.ru_utime + usage.ru_stime, "peak_bytes": usage.ru_maxrss << 10, "denials": denials,
        "killed_by": killed_by}).encode())
    os._exit(0)


def name_process(name):
    libc.prctl(PR_SET_NAME, address(name + b"\0"), 0, 0, 0)


def clear(folder):
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def listener_of(setup, ours):
    """The descriptor on which the run's forbidden calls arrive; -1 where it died before it had one."""
    if not setup.notify:
        return -1
    _, fds, _, _ = socket.recv_fds(ours, 16, 1)
    return fds[0] if fds else -1


class Child:
    """The run: by a pidfd, or by its number where the kernel has none. It is ours and unburied, so neither is reused."""

    def __init__(self, pid):
        self.pid = pid
        try:
            self.pidfd = os.pidfd_open(pid)
        except OSError:
            self.pidfd = -1

    def kill(self):
        if self.pidfd >= 0:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        else:
            os.kill(self.pid, signal.SIGKILL)

    def has_ended(self):
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def watch(setup, child, status, listener, folder):
    """Until the run has ended: answer its forbidden calls, and end it where the host has gone or its folder is full."""
    denials, killed_by, pause = {}, "", FOLDER_MS if folder else None
    poll = select.poll()
    poll.register(status, select.POLLIN | select.POLLHUP)
    if child.pidfd >= 0:
        poll.register(child.pidfd, select.POLLIN)
    else:
        pause = NO_PIDFD_MS
    if listener >= 0:
        poll.register(listener, select.POLLIN)
    looked = time.monotonic()
    while not child.has_ended():
        if folder and time.monotonic() - looked > FOLDER_MS / 1000:
            looked = time.monotonic()
            if num_bytes(folder) > setup.tmp_bytes:
                killed_by = killed_by or "write"
                child.kill()
        for fd, event in poll.poll(pause):
            if fd == listener and event & select.POLLIN:
                name = answer(setup, listener)
                if name:
                    denials[name] = denials.get(name, 0) + 1
                if name in setup.attacks:
                    killed_by = killed_by or name
                    child.kill()
            elif fd == listener:
                poll.unregister(listener)
            elif fd == status.fileno():
                child.kill()
                poll.unregister(status)
    return denials, killed_by


def num_bytes(folder):
    """What lies in a folder, as far as it can be seen."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_blocks * 512
            except OSError:
                pass
    return total


def answer(setup, listener):
    """Refuse one call and return its name; an attack gets no answer. Empty where the caller is gone."""
    notice = bytearray(NOTIF_BYTES)
    try:
        fcntl.ioctl(listener, NOTIF_RECV, notice)
        ident, _, _, number = struct.unpack_from("=QIIi", notice)
        name = setup.names.get(number, f"call {number}")
        if name not in setup.attacks:
            fcntl.ioctl(listener, NOTIF_SEND, RESPONSE.pack(ident, 0, -EPERM, 0))
        return name
    except OSError:
        return ""


# --- the run ------------------------------------------------------------------------------------------------


def run(setup, folder, supervisor):
    """Become the run: confine this process, wait for the order, then serve one role."""
    os.setsid()
    check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "pdeathsig")
    if setup.namespaces:
        check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "private mounts")
        size = f"size={setup.tmp_bytes},mode=1777".encode()
        check(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV, size), "tmpfs")
        if setup.project:
            copy_on_write(setup.project)
    os.chdir(folder or "/tmp")
    if folder:
        tempfile.tempdir = os.environ["TMPDIR"] = folder
    # To fixed numbers, with everything else closed: what the supervisor and other runs hold is out of reach.
    os.dup2(supervisor.fileno(), SUPERVISOR_FD, inheritable=False)
    os.closerange(3, SUPERVISOR_FD)
    os.closerange(SUPERVISOR_FD + 1, 1 << 16 if not setup.is_relayed else 256)  # each call costs much in there
    supervisor = socket.socket(fileno=SUPERVISOR_FD)
    if setup.landlock:
        restrict(setup, folder)
    confine(setup, supervisor)
    ncg_child.ncg_observe.SITE, ncg_tools.PROJECT, ncg_tools.FOLDER = setup.site, setup.project, folder or "/tmp"
    del sys.argv[1:]
    sys.modules["__main__"] = ncg_child
    warm_up()

    data, fds, _, _ = socket.recv_fds(supervisor, MAX_ORDER_BYTES, 3)
    if not data:
        os._exit(0)
    name_process(b"ncg-run")
    order = json.loads(data)
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, SUPERVISOR_FD) for fd in (*fds, fds[2])]
    for number, fd in zip((REQUESTS_FD, REPLIES_FD, 1, 2), high, strict=True):
        os.dup2(fd, number, inheritable=False)
    supervisor.close()
    os.closerange(REPLIES_FD + 1, LAST_FD)
    limit(order)
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


def copy_on_write(folder):
    """Let this run write into the folder: what it writes lies in its own memory and ends with it.

    Where the kernel has no overlays for us (before Linux 6.6) the folder stays read-only.
    """
    for name in (".changes", ".work"):
        os.mkdir(f"/tmp/{name}", 0o700)
    options = f"lowerdir={folder},upperdir=/tmp/.changes,workdir=/tmp/.work,userxattr".encode()
    libc.mount(b"overlay", folder.encode(), b"overlay", MS_NOSUID | MS_NODEV, options)


def restrict(setup, folder):
    """Landlock: of the file system only what is listed, read-only, and the run's own folder."""
    version = setup.landlock
    every = (1 << (16 if version >= 5 else 15 if version >= 3 else 14 if version >= 2 else 13)) - 1
    network, scope = (3 if version >= 4 else 0), (3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(LANDLOCK_CREATE, address(struct.pack("=QQQ", every, network, scope)), size, 0, 0)
    check(ruleset, "landlock")
    reads = LANDLOCK_EXECUTE | LANDLOCK_READ_FILE | LANDLOCK_READ_DIR
    rules = [(path, reads) for path in setup.visible]
    rules += [(path, LANDLOCK_READ_FILE | LANDLOCK_WRITE_FILE) for path in setup.devices]
    for path, access in [*rules, (folder, every & ~LANDLOCK_EXECUTE & ~LANDLOCK_MAKE_SPECIAL)]:
        try:
            fd = os.open(path, os.O_PATH)
        except OSError:
            continue
        if not os.path.isdir(path):
            access &= LANDLOCK_EXECUTE | LANDLOCK_READ_FILE | LANDLOCK_WRITE_FILE
        rule = struct.pack("=Qi", access & every, fd)
        check(libc.syscall(LANDLOCK_ADD, ruleset, 1, address(rule), 0), f"landlock rule for {path}")
        os.close(fd)
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    check(libc.syscall(LANDLOCK_RESTRICT, ruleset, 0, 0, 0), "landlock")
    os.close(ruleset)


def address(data):
    buffer = ctypes.create_string_buffer(data, len(data))
    _kept.append(buffer)
    return ctypes.addressof(buffer)


def confine(setup, supervisor):
    """No capabilities, no new privileges, then the system call filter: there is no way back."""
    if setup.num_threads:
        resource.setrlimit(resource.RLIMIT_NPROC, (setup.num_threads, setup.num_threads))
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # past the last one that this kernel has, or not ours to drop: then there is none to lose
    header = struct.pack("=Ii", 0x20080522, 0)
    check(libc.capset(header, bytes(24)), "capset")
    check(libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    if not setup.notify:
        check(libc.prctl(PR_SET_SECCOMP, 2, ctypes.addressof(setup.filter), 0, 0), "seccomp")
    else:
        listener = setup.listen(setup.filter)
        check(listener, "seccomp")
        socket.send_fds(supervisor, [b"."], [listener])
        os.close(listener)


def limit(order):
    """What this run may use."""
    limits = [(resource.RLIMIT_AS, "memory_bytes"), (resource.RLIMIT_CPU, "cpu_s"),
              (resource.RLIMIT_FSIZE, "file_bytes"), (resource.RLIMIT_NOFILE, "num_files")]
    for name, key in limits:
        resource.setrlimit(name, (order[key], order[key]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check(result, what):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


if __name__ == "__main__":
    main()
