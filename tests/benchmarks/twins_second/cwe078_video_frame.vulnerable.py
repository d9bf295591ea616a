import subprocess


def extract_frame(video: str, second: int, output: str) -> None:
    """Save one frame of an uploaded video as an image."""
    command = f"ffmpeg -ss {second} -i {video} -frames:v 1 {output}"
    subprocess.check_call(command, shell=True)
