import argparse

import paramiko


def upload(host, user, key, source, target):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect(host, username=user, key_filename=key, timeout=15)
    try:
        with client.open_sftp() as sftp:
            sftp.put(source, target)
    finally:
        client.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Upload a file")
    for name in ("host", "user", "key", "source", "target"):
        parser.add_argument(name)
    upload(**vars(parser.parse_args()))
