import os
import shlex
import subprocess


def compress(folder, name):
    # ruleid: command-parameter-in-shell
    os.system(f"tar czf {name}.tar.gz {folder}")


def lookup(domain: str) -> str:
    command = "nslookup " + domain
    # ruleid: command-parameter-in-shell
    return subprocess.run(command, shell=True, capture_output=True, text=True).stdout


def lookup_with_list(domain: str) -> str:
    # ok: command-parameter-in-shell
    return subprocess.run(["nslookup", domain], capture_output=True, text=True).stdout


def lookup_quoted(domain: str) -> str:
    command = f"nslookup {shlex.quote(domain)}"
    # ok: command-parameter-in-shell
    return subprocess.run(command, shell=True, capture_output=True, text=True).stdout


def wait(seconds: int):
    # ok: command-parameter-in-shell
    os.system(f"sleep {seconds}")
