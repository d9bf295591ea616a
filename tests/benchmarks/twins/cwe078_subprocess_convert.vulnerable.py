import subprocess
from pathlib import Path


def convert_video(source: str, target_format: str = "mp4") -> str:
    """Convert a video with ffmpeg and return the new file name."""
    output = str(Path(source).with_suffix("." + target_format))
    command = f"ffmpeg -y -i {source} {output}"
    completed = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=600)
    if completed.returncode != 0:
        raise RuntimeError("conversion failed")
    return output
