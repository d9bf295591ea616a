"""The seccomp filter of the sandbox, as a classic BPF program built here: no libseccomp is needed.

Denied calls answer EPERM, so that honest code sees a PermissionError; what only an attack on the kernel would use
ends the process. Where the kernel can (Linux 5.0), both come to the supervisor, which does that and knows the call's
name; else the filter does it by itself.

Source: linux/seccomp.h and linux/filter.h; system call numbers from the kernel's tables.
"""

from __future__ import annotations

import errno
import platform
import struct

from ncg_ray.errors import SandboxError

# Numbers for (x86_64, aarch64); None where the machine has no such call. From 424 on both agree.
ATTACKS = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "bpf": (321, 280),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "unshare": (272, 97), "setns": (308, 268), "open_tree": (428, 428),
    "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "fspick": (433, 433), "mount_setattr": (442, 442), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219),
}
_DENIED = {
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "kcmp": (312, 272), "chroot": (161, 51),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "personality": (135, 92), "socket": (41, 198),
    "bind": (49, 200), "listen": (50, 201), "connect": (42, 203), "accept": (43, 202), "accept4": (288, 242),
    # Memory that RLIMIT_AS does not see:
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "semget": (64, 190),
    "msgget": (68, 186), "mq_open": (240, 180), "vmsplice": (278, 75),
    "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443), "syslog": (103, 116),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "sethostname": (170, 161), "setdomainname": (171, 162), "vhangup": (153, 58), "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "mbind": (237, 235), "set_mempolicy": (238, 237), "migrate_pages": (256, 238), "move_pages": (279, 239),
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143), "setgroups": (116, 159),
    "setresuid": (117, 147), "setresgid": (119, 149), "capset": (126, 91), "mknod": (133, None), "mknodat": (259, 33),
    "setpriority": (141, 140), "timer_create": (222, 107), "io_setup": (206, 0),
    "process_madvise": (440, 440), "process_mrelease": (448, 448),
}
# What bubblewrap's own view of files and processes makes harmless.
_SHARED = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "utimensat": (280, 88), "futimesat": (261, None), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "inotify_init": (253, None),
    "inotify_init1": (294, 26), "inotify_add_watch": (254, 27), "ioprio_set": (251, 30), "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119), "sched_setaffinity": (203, 122), "sched_setattr": (314, 274),
}
_SETRLIMIT, _PRLIMIT, _FCNTL, _IOCTL = (160, 164), (302, 261), (72, 25), (16, 29)
_FCNTL_DENIED = (1024, 1026, 8, 10, 15)
"F_SETLEASE, F_NOTIFY, F_SETOWN, F_SETSIG, F_SETOWN_EX: what holds up or signals others."
_IOCTL_DENIED = (0x8901, 0x8902, 0x5452)
"FIOSETOWN, SIOCSPGRP, FIOASYNC: the same."
_CLONE, _KILL, _TGKILL, _SOCKETPAIR = (56, 220), (62, 129), (234, 131), (53, 199)
_CLONE3 = 435
_NEWEST = 456
"Calls with a higher number are newer than this list and answer ENOSYS."

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32_BIT = 0x40000000
_CLONE_THREAD = 0x00010000
_CLONE_NEW_ANY = 0x7E020080
_AF_UNIX = 1
_NOBODY = 0x7FFFFFFF
"A process number that no kernel gives."

_RET_KILL_PROCESS, _RET_ALLOW, _RET_USER_NOTIF = 0x80000000, 0x7FFF0000, 0x7FC00000
_RET_EPERM, _RET_ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_LOAD, _JEQ, _JGT, _JGE, _JSET, _RET = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_NR, _ARCH, _ARG0, _ARG1, _ARG2 = 0, 4, 16, 24, 32
"Offsets into struct seccomp_data; arguments are 64 bits wide, low half first on both machines."


def names(machine: str | None = None) -> dict[int, str]:
    """What the calls that the filter knows are called, by number."""
    column, _ = _machine(machine)
    some = {**_SHARED, "fcntl": _FCNTL, "ioctl": _IOCTL, "clone": _CLONE, "kill": _KILL, "tgkill": _TGKILL,
            "socketpair": _SOCKETPAIR}
    return {number: name for name, numbers in {**ATTACKS, **_DENIED, **some}.items()
            if (number := numbers[column]) is not None}


def _machine(machine: str | None) -> tuple[int, int]:
    machine = machine or platform.machine()
    if machine not in _MACHINES:
        raise SandboxError(f"no system call table for {machine!r}; the sandbox runs on x86_64 and aarch64 Linux")
    return _MACHINES[machine]


def program(machine: str | None = None, notify: bool = False, own_pid_namespace: bool = True) -> bytes:
    """The filter as an array of `struct sock_filter`. Raises SandboxError for a machine without a table here.

    `notify`: a supervisor answers in the filter's place (seccomp_unotify(2)). Without a pid namespace of its own a run
    may signal nobody, itself included.
    """
    machine = machine or platform.machine()
    column, arch = _machine(machine)
    kill, deny = (_RET_USER_NOTIF, _RET_USER_NOTIF) if notify else (_RET_KILL_PROCESS, _RET_EPERM)
    code = [_op(_LOAD, _ARCH), _op(_JEQ, arch, 1, 0), _op(_RET, _RET_KILL_PROCESS), _op(_LOAD, _NR)]
    if machine == "x86_64":
        code += _when(_JGE, _X32_BIT, _RET_KILL_PROCESS)
    for names, action in ((ATTACKS, kill), (_DENIED, deny), *(() if own_pid_namespace else ((_SHARED, deny),))):
        for numbers in names.values():
            if (number := numbers[column]) is not None:
                code += _when(_JEQ, number, action)
    code += _when(_JEQ, _CLONE3, _RET_ENOSYS)  # its flags lie in memory, out of the filter's sight; libc falls back
    code += _when(_JGT, _NEWEST, _RET_ENOSYS)
    threads_only = [_op(_JSET, _CLONE_NEW_ANY, 1, 0), _op(_JSET, _CLONE_THREAD, 1, 0),
                    _op(_RET, deny), _op(_RET, _RET_ALLOW)]
    code += _with_arg0(_CLONE[column], threads_only)
    itself = 1 if own_pid_namespace else _NOBODY
    for numbers, only in ((_KILL, itself), (_TGKILL, itself), (_SOCKETPAIR, _AF_UNIX)):
        code += _with_arg0(numbers[column], [*_when(_JEQ, only, _RET_ALLOW), _op(_RET, deny)])
    for number, denied in ((_FCNTL[column], _FCNTL_DENIED), (_IOCTL[column], _IOCTL_DENIED)):
        code += _with_arg(number, _ARG1, [*(op for value in denied for op in _when(_JEQ, value, deny)),
                                          _op(_RET, _RET_ALLOW)])
    return b"".join([*code, _op(_RET, _RET_ALLOW)])


def limits_program(machine: str | None = None) -> bytes:
    """A second filter, for when a run has its limits: they are not to be changed, nor those of anybody else."""
    column, arch = _machine(machine)
    both = [_op(_LOAD, _ARG2 + 4), *_when_not_zero(), _op(_LOAD, _ARG2), *_when_not_zero(), _op(_RET, _RET_ALLOW)]
    code = [_op(_LOAD, _ARCH), _op(_JEQ, arch, 1, 0), _op(_RET, _RET_KILL_PROCESS), _op(_LOAD, _NR),
            *_when(_JEQ, _SETRLIMIT[column], _RET_EPERM),
            _op(_JEQ, _PRLIMIT[column], 0, len(both)), *both, _op(_RET, _RET_ALLOW)]
    return b"".join(code)


def _when_not_zero() -> list[bytes]:
    """EPERM unless what was loaded is 0."""
    return [_op(_JEQ, 0, 1, 0), _op(_RET, _RET_EPERM)]


def _op(code: int, k: int, jump_true: int = 0, jump_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, jump_true, jump_false, k)


def _when(jump: int, k: int, action: int) -> list[bytes]:
    return [_op(jump, k, 0, 1), _op(_RET, action)]


def _with_arg0(number: int, block: list[bytes]) -> list[bytes]:
    """Run a block that always returns on the call's first argument, where the call is `number`."""
    return _with_arg(number, _ARG0, block)


def _with_arg(number: int, offset: int, block: list[bytes]) -> list[bytes]:
    return [_op(_JEQ, number, 0, len(block) + 1), _op(_LOAD, offset), *block]
