"""The suites of abuse and forgery once more as a user without rights; as such a user they run that way anyway."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NOBODY = 65534


def readable_python() -> str | None:
    """A Python of this version that every user may run, and that may read this checkout and these packages."""
    for python in (os.path.realpath(sys.executable), f"/usr/bin/python3.{sys.version_info.minor}", "/usr/bin/python3"):
        probe = f"import sys, pytest, ncg_ray; assert sys.version_info[:2] == {tuple(sys.version_info[:2])}"
        command = [python, "-c", probe]
        if os.path.exists(python):
            try:
                if subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], env=environment(), cwd=HERE,
                                  capture_output=True).returncode == 0:
                    return python
            except OSError:
                pass
    return None


def environment() -> dict[str, str]:
    packages = [path for path in sys.path if path.endswith("site-packages")]
    return {"PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), str(HERE.parent), *packages]), "HOME": "/tmp",
            "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}


def test_nobody_gets_no_further_than_root() -> None:
    if os.getuid() != 0:
        pytest.skip("this is not root: the suites run without rights as they are")
    python = readable_python()
    if python is None:
        pytest.skip("no Python of this version that an ordinary user may run with this checkout and its packages")
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(HERE),
               "-o", "asyncio_mode=auto", "-k", "not gvisor",
               str(HERE / "test_sandbox_abuse.py"), str(HERE / "test_sandbox_forgery.py")]
    done = subprocess.run(command, user=NOBODY, group=NOBODY, extra_groups=[], env=environment(), cwd="/tmp",
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 150
