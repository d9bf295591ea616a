import argparse
import subprocess


def archive_folder(folder, name):
    cmd = "tar czf /backups/" + name + ".tar.gz " + folder
    return subprocess.call(cmd, shell=True)


def main():
    parser = argparse.ArgumentParser(description="Archive a folder")
    parser.add_argument("folder", help="folder to archive")
    parser.add_argument("--name", default="backup")
    args = parser.parse_args()
    code = archive_folder(args.folder, args.name)
    print("finished" if code == 0 else "failed")


if __name__ == "__main__":
    main()
