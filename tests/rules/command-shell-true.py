import shlex
import subprocess


def run_step(step):
    # ruleid: command-shell-true
    subprocess.run(step.command, shell=True, check=True)


def run_all():
    for line in open("steps.txt"):
        # ruleid: command-shell-true
        subprocess.call(line, shell=True)


def constant():
    # ok: command-shell-true
    subprocess.run("ls | wc -l", shell=True)


def quoted(name):
    # ok: command-shell-true
    subprocess.run("ls " + shlex.quote(name), shell=True)


def without_shell(command):
    # ok: command-shell-true
    subprocess.run(command, shell=False)
