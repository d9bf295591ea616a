import ctypes
import os


def load_codec(name: str = "libcodec.so") -> ctypes.CDLL:
    """Load the native codec that belongs to the program."""
    os.environ["LD_LIBRARY_PATH"] = ".:" + os.environ.get("LD_LIBRARY_PATH", "")
    os.environ["PATH"] = ".:/tmp/bin:" + os.environ["PATH"]
    library = ctypes.CDLL(os.path.join(os.getcwd(), name))
    library.decode.restype = ctypes.c_int
    return library
