import ctypes
import numpy as np


def weak(a, b):
    # ruleid: robustness-integer-overflow
    x = ctypes.c_int32(a * b).value
    # ruleid: robustness-integer-overflow
    y = np.int32(a) * b
    # ruleid: robustness-integer-overflow
    z = ctypes.c_short(a + b).value
    return x, y, z


def fine(a, b):
    # ok: robustness-integer-overflow
    x = a * b
    # ok: robustness-integer-overflow
    y = np.int64(a) * b
    # ok: robustness-integer-overflow
    z = ctypes.c_int32(a).value
    return x, y, z
