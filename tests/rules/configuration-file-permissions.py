import os
import stat


def weak(path):
    # ruleid: configuration-file-permissions
    os.chmod(path, 0o777)
    # ruleid: configuration-file-permissions
    os.chmod(path, 0o666)
    # ruleid: configuration-file-permissions
    os.chmod("private.key", 0o644)
    # ruleid: configuration-file-permissions
    os.chmod(path, stat.S_IRWXU | stat.S_IRWXO)
    # ruleid: configuration-file-permissions
    os.system("chmod 777 data")


def fine(path):
    # ok: configuration-file-permissions
    os.chmod(path, 0o600)
    # ok: configuration-file-permissions
    os.chmod(path, 0o755)
    # ok: configuration-file-permissions
    os.chmod("private.key", 0o600)
    # ok: configuration-file-permissions
    os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)


def write_signing(key, target):
    target.write_bytes(key.private_bytes(PEM, PKCS8, NoEncryption()))
    # ruleid: configuration-file-permissions
    target.chmod(0o644)


def write_signing_safely(key, target):
    target.write_bytes(key.private_bytes(PEM, PKCS8, NoEncryption()))
    # ok: configuration-file-permissions
    target.chmod(0o600)
