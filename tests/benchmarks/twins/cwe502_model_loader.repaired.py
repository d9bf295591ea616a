import argparse

import numpy as np
from safetensors.numpy import load_file


def load_model(path):
    """Load the weights of a trained linear model."""
    tensors = load_file(path)
    return tensors["weights"], tensors["bias"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("features", type=float, nargs="+")
    args = parser.parse_args()
    weights, bias = load_model(args.path)
    print(float(np.array(args.features) @ weights + bias))
