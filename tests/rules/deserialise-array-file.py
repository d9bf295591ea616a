import numpy as np


def load(path):
    # ruleid: deserialise-array-file
    first = np.load(path, allow_pickle=True)
    # ok: deserialise-array-file
    second = np.load(path, allow_pickle=False)
    # ok: deserialise-array-file
    return np.load(path)
