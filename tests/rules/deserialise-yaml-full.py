import yaml


def load(text):
    # ruleid: deserialise-yaml-full
    first = yaml.full_load(text)
    # ruleid: deserialise-yaml-full
    second = yaml.load(text, Loader=yaml.FullLoader)
    # ok: deserialise-yaml-full
    return yaml.safe_load(text)
