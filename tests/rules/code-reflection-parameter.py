import importlib

PLUGINS = {"csv": "plugins.csv"}


def load_plugin(name):
    # ruleid: code-reflection-parameter
    return importlib.import_module(name)


def call(obj, action, *args):
    # ruleid: code-reflection-parameter
    return getattr(obj, action)(*args)


def dispatch(command):
    # ruleid: code-reflection-parameter
    return globals()[command]()


def load_known(name):
    # ok: code-reflection-parameter
    return importlib.import_module(PLUGINS[name])


def call_checked(obj, action):
    if action not in {"start", "stop"}:
        raise ValueError(action)
    # ok: code-reflection-parameter
    return getattr(obj, action)()


def read(obj, field):
    # ok: code-reflection-parameter
    return getattr(obj, field, None)
