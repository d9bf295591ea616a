import ctypes


def weak(address, n):
    # ruleid: robustness-memory-read
    a = ctypes.string_at(address, n)
    # ruleid: robustness-memory-read
    b = (ctypes.c_char * n).from_address(address)
    return a, b


def indexed(p, i):
    # ruleid: robustness-memory-read
    return ctypes.cast(p, ctypes.POINTER(ctypes.c_int))[i]


def fine(buffer, n):
    if n > ctypes.sizeof(buffer):
        raise ValueError
    # ok: robustness-memory-read
    return ctypes.string_at(buffer, n)


def plain(buffer):
    # ok: robustness-memory-read
    return ctypes.string_at(buffer)


def sliced(data, i):
    # ok: robustness-memory-read
    return data[i]
