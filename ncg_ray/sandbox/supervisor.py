"""The parent of one run: it gives it its order, answers its forbidden calls, and says how it ended and what it used.

Lives in the zygote; standard library only.

Source: seccomp_unotify(2), pid_namespaces(7).
"""

import fcntl
import json
import os
import select
import shutil
import signal
import socket
import struct
import tempfile
import time

import ncg_kernel as kernel
import ncg_run

NOTIF_RECV, NOTIF_SEND = 0xC0502100, 0xC0182101
NOTIF_BYTES, RESPONSE = 80, struct.Struct("=QqiI")
EPERM = 1
NO_PIDFD_MS = 2
"How often a run is looked at where no descriptor tells of its end."
FOLDER_MS = 50
"How often a folder that no mount limits is looked at."


def supervise(setup, orders):
    """Fork the run, give it its order, watch it, and say how it ended. Never returns."""
    kernel.name_process(b"ncg-standby")
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    kernel.die_with_parent()
    if setup.namespaces:
        kernel.new_namespaces()
    folder = "" if setup.namespaces else tempfile.mkdtemp(prefix="run-", dir=setup.runs or None)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        try:
            ours.close()
            orders.close()
            ncg_run.run(setup, folder, theirs)
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(125)
    theirs.close()
    child, listener = Child(pid), listener_of(setup, ours)
    json.dumps({"event": child.has_ended()})  # touched before anybody waits for it; see `run.warm_up`
    order, fds, _, _ = socket.recv_fds(orders, ncg_run.MAX_ORDER_BYTES, 4)
    if not order:  # the zygote is going
        child.kill()
        clear(folder)
        os._exit(0)
    kernel.name_process(b"ncg-watch")
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
    status.send(json.dumps({
        "event": "ended", "signal": os.WTERMSIG(code) if os.WIFSIGNALED(code) else 0,
        "exit": os.WEXITSTATUS(code) if os.WIFEXITED(code) else -1, "wall_s": time.monotonic() - began,
        "cpu_s": usage.ru_utime + usage.ru_stime, "peak_bytes": usage.ru_maxrss << 10, "denials": denials,
        "killed_by": killed_by}).encode())
    clear(folder)
    os._exit(0)


def clear(folder):
    try:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    except RecursionError:  # a run nested folders as deep as it could; the host removes the folder above
        pass


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
    """What lies in a folder, as far as it can be seen; folders themselves count as a page. Not recursive: a run may nest
    folders deeper than this interpreter could follow."""
    total, todo = 0, [folder]
    while todo:
        try:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        total += 4096
                        todo.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
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
