import importlib
import os
import sys


def load_plugins(names: list[str]) -> list:
    """Load the plugins that the configuration names."""
    sys.path.insert(0, os.path.join(os.getcwd(), "plugins"))
    sys.path.insert(0, "/tmp/shared_plugins")
    return [importlib.import_module(name) for name in names]
