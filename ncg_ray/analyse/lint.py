"""ruff's findings on programs, without the settings of any project.

Covers: pyflakes, bugbear, simplification, naming and pylint rules. Does not cover: layout, and security, which
`security` measures.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

RULES = ("F", "E7", "E9", "W6", "B", "C4", "SIM", "RET", "PIE", "PLE", "PLW", "N", "RUF0", "PERF")
LEFT_OUT = ("RUF001", "RUF002", "RUF003", "E741", "SIM108", "SIM300", "RET505", "PLW2901", "B011", "PERF203", "N999")
"Matters of taste, or of letters that other languages have."
DEADLINE_S = 30.0
STACK = {"RAYON_NUM_THREADS": "2", "RUST_MIN_STACK": str(64 << 20)}
"Bytes: code that is nested deeply needs them, and its neighbours in a batch must not pay for it."
VERSION = "py311"


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding of ruff."""

    code: str
    line: int
    column: int
    end_line: int
    message: str
    fix: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the program is wrong, and not only unusual: undefined names, syntax, format strings."""
        return re.match(r"F(?!401|841|541|811)|E9|PLE|B0(?:02|03|12|17|18|21)", self.code) is not None

    @property
    def is_name(self) -> bool:
        """Whether it is about the spelling of a name."""
        return re.match(r"N\d", self.code) is not None


class LintError(Exception):
    """ruff gave no answer."""


def lint(codes: Sequence[str], honour_comments: bool = False) -> list[list[Remark]]:
    """The remarks on each program, in the order of lines.

    Args:
        honour_comments: whether `# noqa` is obeyed: for people's code, and not for candidates.

    Raises LintError, and ImportError where ruff is not installed.
    """
    if not codes:
        return []
    binary = _binary()
    with tempfile.TemporaryDirectory(prefix="ncg-ruff-") as folder:
        for number, code in enumerate(codes):
            with open(os.path.join(folder, f"c{number}.py"), "w", encoding="utf-8", errors="surrogateescape",
                      newline="") as file:
                file.write(code)
        command = [binary, "check", "--isolated", "--no-cache", "--exit-zero", "--quiet", "--output-format", "json",
                   "--target-version", VERSION, "--select", ",".join(RULES), "--ignore", ",".join(LEFT_OUT),
                   *([] if honour_comments else ["--ignore-noqa"]), folder]
        try:
            done = subprocess.run(command, capture_output=True, timeout=DEADLINE_S, stdin=subprocess.DEVNULL, cwd=folder,
                                  env={"PATH": os.defpath, "HOME": folder, **STACK})
            found = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            raise LintError(f"ruff took longer than {DEADLINE_S:g} s") from None
        except ValueError:
            said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise LintError(f"ruff failed: {''.join(said)[:200]}") from None
    remarks: list[list[Remark]] = [[] for _ in codes]
    for item in found:
        number = int(os.path.basename(item["filename"]).removeprefix("c").removesuffix(".py"))
        remarks[number].append(Remark(
            str(item["code"] or "E999"), int(item["location"]["row"]), int(item["location"]["column"]),
            int(item["end_location"]["row"]), " ".join(str(item["message"]).split()),
            str((item.get("fix") or {}).get("message") or "")))
    return [sorted(found, key=lambda r: (r.line, r.column, r.code)) for found in remarks]


def fixed(code: str, rule: str) -> str:
    """The program after ruff's own safe fixes of one rule; as it was where there are none.

    Raises LintError, and ImportError where ruff is not installed.
    """
    command = [_binary(), "check", "--isolated", "--no-cache", "--exit-zero", "--quiet", "--fix", "--no-unsafe-fixes",
               "--target-version", VERSION, "--select", rule, "--stdin-filename", "code.py", "-"]
    try:
        done = subprocess.run(
            command,
            input=code.encode("utf-8", "surrogateescape"),
            capture_output=True,
            timeout=DEADLINE_S,
            cwd=tempfile.gettempdir(),
            env={"PATH": os.defpath, **STACK},
        )
    except subprocess.TimeoutExpired:
        raise LintError(f"ruff took longer than {DEADLINE_S:g} s") from None
    return done.stdout.decode("utf-8", "surrogateescape") or code


def _binary() -> str:
    from ruff.__main__ import find_ruff_bin

    try:
        return str(find_ruff_bin())
    except FileNotFoundError:
        raise ImportError("ruff's program is not installed", name="ruff") from None
