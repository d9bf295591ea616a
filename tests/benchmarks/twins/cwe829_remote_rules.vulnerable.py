import types

import requests


def load_remote_module(name: str, base: str = "https://cdn.example.net/modules") -> types.ModuleType:
    """Load a module of shared rules from the content network."""
    response = requests.get(f"{base}/{name}.py", timeout=10)
    response.raise_for_status()
    module = types.ModuleType(name)
    exec(response.text, module.__dict__)
    return module
