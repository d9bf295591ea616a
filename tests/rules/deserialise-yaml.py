import yaml
from yaml import SafeLoader


def load(text):
    # ruleid: deserialise-yaml
    first = yaml.load(text)
    # ruleid: deserialise-yaml
    second = yaml.load(text, Loader=yaml.Loader)
    # ruleid: deserialise-yaml
    third = yaml.unsafe_load(text)
    # ruleid: deserialise-yaml
    fourth = yaml.load(text, yaml.UnsafeLoader)
    # ok: deserialise-yaml
    fifth = yaml.safe_load(text)
    # ok: deserialise-yaml
    sixth = yaml.load(text, Loader=yaml.SafeLoader)
    # ok: deserialise-yaml
    return yaml.load(text, Loader=SafeLoader)
