import subprocess
from pathlib import Path

FORMATS = {"mp4", "webm", "mkv"}


def convert_video(source: str, target_format: str = "mp4") -> str:
    """Convert a video with ffmpeg and return the new file name."""
    if target_format not in FORMATS:
        raise ValueError("unsupported format")
    video = Path(source).resolve(strict=True)
    output = str(video.with_suffix("." + target_format))
    command = ["/usr/bin/ffmpeg", "-y", "-i", str(video), output]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if completed.returncode != 0:
        raise RuntimeError("conversion failed")
    return output
