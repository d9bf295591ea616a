"""The kernel's side of a run's confinement: capabilities, system call filter, Landlock, mounts. By ctypes, without help.

Lives in the zygote; standard library only.

Source: seccomp(2), seccomp_unotify(2), capabilities(7), landlock(7), mount_namespaces(7).
"""

import ctypes
import os
import socket
import struct

MS_REC, MS_PRIVATE, MS_NOSUID, MS_NODEV = 0x4000, 1 << 18, 2, 4
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID = 0x20000, 0x8000000, 0x20000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NAME, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 15, 22, 24, 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
SECCOMP_SET_MODE_FILTER, FLAG_NEW_LISTENER = 1, 8
SECCOMP = {"x86_64": 317, "aarch64": 277}
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
LANDLOCK_EXECUTE, LANDLOCK_WRITE_FILE, LANDLOCK_READ_FILE, LANDLOCK_READ_DIR = 1, 2, 4, 8
LANDLOCK_MAKE_SPECIAL = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11
"Devices, sockets, pipes."
SIGKILL = 9

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


def filter_of(hexadecimal):
    """The program as a sock_fprog, which keeps its bytes alive."""
    program = ctypes.create_string_buffer(bytes.fromhex(hexadecimal))
    made = Filter(len(hexadecimal) // 16, ctypes.cast(program, ctypes.c_void_p))
    made.program = program
    return made


def can_notify(program):
    """Whether this kernel, under whatever filters hold already, lets a supervisor answer calls."""
    pid = os.fork()
    if pid == 0:
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        os._exit(listen(filter_of(program)) < 0)
    return os.waitpid(pid, 0)[1] == 0


def listen(program):
    """Install the filter; the descriptor on which forbidden calls arrive, or a negative number."""
    number = SECCOMP[os.uname().machine]
    return libc.syscall(number, SECCOMP_SET_MODE_FILTER, FLAG_NEW_LISTENER, ctypes.addressof(program), 0)


def name_process(name):
    libc.prctl(PR_SET_NAME, address(name + b"\0"), 0, 0, 0)


def die_with_parent():
    check(libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "pdeathsig")


def new_namespaces():
    """Of processes (for children), mounts and System V objects."""
    check(libc.unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC), "unshare")


def private_mounts(tmp_bytes, project):
    """An empty /tmp of this size, and a project that can be written to; both end with the namespace."""
    check(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "private mounts")
    size = f"size={tmp_bytes},mode=1777".encode()
    check(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV, size), "tmpfs")
    if project:
        copy_on_write(project)


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
        listener = listen(setup.filter)
        check(listener, "seccomp")
        socket.send_fds(supervisor, [b"."], [listener])
        os.close(listener)


def keep_limits(setup):
    """From now on the resource limits stay as they are."""
    check(libc.prctl(PR_SET_SECCOMP, 2, ctypes.addressof(setup.limits_filter), 0, 0), "seccomp")


def check(result, what):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
