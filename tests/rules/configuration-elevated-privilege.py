import os
import subprocess


def weak(name, client):
    # ruleid: configuration-elevated-privilege
    os.setuid(0)
    # ruleid: configuration-elevated-privilege
    subprocess.run(["sudo", "useradd", name])
    # ruleid: configuration-elevated-privilege
    os.system("sudo reboot")
    # ruleid: configuration-elevated-privilege
    client.containers.run("image", privileged=True)


def fine(name, uid, client):
    # ok: configuration-elevated-privilege
    os.setuid(uid)
    # ok: configuration-elevated-privilege
    subprocess.run(["useradd", name])
    # ok: configuration-elevated-privilege
    os.system("uptime")
    # ok: configuration-elevated-privilege
    client.containers.run("image", user="1000")
