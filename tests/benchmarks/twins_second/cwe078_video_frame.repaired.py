import subprocess


def extract_frame(video: str, second: int, output: str) -> None:
    """Save one frame of an uploaded video as an image."""
    command = [
        "/usr/bin/ffmpeg",
        "-ss",
        str(int(second)),
        "-i",
        f"file:{video}",
        "-frames:v",
        "1",
        f"file:{output}",
    ]
    subprocess.check_call(command)
