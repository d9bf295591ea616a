import torch


def load(path):
    # ruleid: deserialise-model-file
    first = torch.load(path)
    # ruleid: deserialise-model-file
    second = torch.load(path, map_location="cpu", weights_only=False)
    # ok: deserialise-model-file
    return torch.load(path, weights_only=True)
