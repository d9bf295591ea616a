import ctypes
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent / "native" / "libcodec.so"


def load_codec() -> ctypes.CDLL:
    """Load the native codec that belongs to the program."""
    library = ctypes.CDLL(str(LIBRARY))
    library.decode.restype = ctypes.c_int
    return library
