"""What is the same in every sandbox: the limits of a run, our own files in it, and the interpreter that runs them."""

from __future__ import annotations

import functools
import importlib.util
import os
import py_compile
import sys
import tempfile
from pathlib import Path
from typing import Any

from ncg_ray import plain
from ncg_ray.errors import SandboxError
from ncg_ray.protocols import Environment
from ncg_ray.sandbox import seccomp

NOTHING = Environment()
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
TMP_BYTES = 64 << 20
NUM_FILES = 64
TESTS_MEMORY_BYTES = 512 << 20
"The process that holds the user's tests gets at least this."

_HERE = Path(__file__).parent
_INSIDE = ("child", "kernel", "mux", "observe", "proxy", "relayed", "run", "suite", "supervisor", "tools")
_FILES = {"zygote": _HERE / "zygote.py", "ncg_plain": Path(plain.__file__),
          **{f"ncg_{name}": _HERE / f"{name}.py" for name in _INSIDE}}
LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/lib32", "/lib", "/lib64", "/lib32", "/nix/store")
_SITE = ("pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments", "slipcover")


def order(memory_bytes: int, cpu_s: float) -> dict[str, Any]:
    """What one run must do to itself before it runs anything."""
    return {"memory_bytes": memory_bytes, "cpu_s": int(cpu_s) + 1, "file_bytes": TMP_BYTES, "num_files": NUM_FILES}


def calls(own_pid_namespace: bool) -> dict[str, Any]:
    """The system call filters and the names of what they forbid."""
    return {"notifying": seccomp.program(notify=True, own_pid_namespace=own_pid_namespace).hex(),
            "limits": seccomp.limits_program().hex(), "deciding": seccomp.program(own_pid_namespace=own_pid_namespace).hex(),
            "names": seccomp.names(), "attacks": sorted(seccomp.ATTACKS)}


def our_files() -> str:
    """The folder that holds our files."""
    if not os.path.isdir(_compiled().name):  # something cleans the temporary folder
        _compiled.cache_clear()
    return _compiled().name


def interpreter_command(folder: str, *args: object) -> list[str]:
    """The zygote, where our files stand in `folder`."""
    # -P -s: nothing but the standard library; -S: no site; -B: writes no bytecode
    return [interpreter(), "-s", "-S", "-P", "-B", "-X", "utf8", f"{folder}/zygote.pyc", *map(str, args)]


def folders(environment: Environment) -> list[str]:
    """The folders of an environment, the project first. Raises SandboxError for one that is not there."""
    found = [environment.project, *environment.packages] if environment.project else list(environment.packages)
    for folder in found:
        if not os.path.isdir(folder):
            raise SandboxError(f"the sandbox cannot show {folder!r}: there is no such folder; give an existing one")
    return [os.path.realpath(folder) for folder in found]


def site_packages() -> dict[str, str]:
    """Files and folders, by name, of the packages that a run may ask for."""
    return dict(_site_packages())


def site_folder() -> str:
    """A folder that leads to them, for back ends without mounts."""
    folder = os.path.join(our_files(), "site")
    if not os.path.isdir(folder):
        draft = tempfile.mkdtemp(dir=our_files())
        for name, source in _site_packages():
            os.symlink(source, os.path.join(draft, name))
        os.replace(draft, folder)
    return folder


@functools.cache
def _site_packages() -> tuple[tuple[str, str], ...]:
    found = []
    for name in _SITE:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin:
            path = Path(spec.origin)
            source = path.parent if spec.submodule_search_locations else path
            found.append((source.name, os.path.realpath(source)))
    return tuple(found)


@functools.cache
def _compiled() -> tempfile.TemporaryDirectory[str]:
    """Our files as bytecode: to compile them anew in each process would double the time that it takes to start."""
    folder = tempfile.TemporaryDirectory(prefix="ncg-sandbox-")
    os.chmod(folder.name, 0o755)  # another user may be the reader inside; it is all public
    for name, source in _FILES.items():
        py_compile.compile(str(source), os.path.join(folder.name, name + ".pyc"), dfile=name + ".py", doraise=True,
                           invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    return folder


@functools.cache
def interpreter() -> str:
    return os.path.realpath(sys.executable)


def interpreter_paths() -> list[str]:
    """The interpreter's file and libraries at their exact paths: it may live in a home that is closed to others."""
    paths = []
    for prefix in dict.fromkeys((sys.base_prefix, os.path.realpath(sys.base_prefix))):
        paths += [path for name in ("lib", "lib64") if os.path.isdir(path := os.path.join(prefix, name))]
    paths = [path for path in paths if path not in LIBRARIES]
    return [*paths, interpreter()]
