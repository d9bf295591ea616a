import ctypes

libc = ctypes.CDLL("libc.so.6")


def weak(data):
    buffer = ctypes.create_string_buffer(16)
    # ruleid: robustness-memory-write
    ctypes.memmove(buffer, data, len(data))
    return buffer


def copy(data):
    buffer = ctypes.create_string_buffer(16)
    # ruleid: robustness-memory-write
    libc.strcpy(buffer, data)
    return buffer


def filled(buffer, n):
    # ruleid: robustness-memory-write
    ctypes.memset(buffer, 0, n)


def fine(data):
    buffer = ctypes.create_string_buffer(16)
    if len(data) > 16:
        raise ValueError
    # ok: robustness-memory-write
    ctypes.memmove(buffer, data, len(data))
    return buffer


def clamped(data):
    buffer = ctypes.create_string_buffer(16)
    # ok: robustness-memory-write
    ctypes.memmove(buffer, data, min(len(data), 16))
    return buffer


def sized(buffer):
    # ok: robustness-memory-write
    ctypes.memset(buffer, 0, ctypes.sizeof(buffer))
