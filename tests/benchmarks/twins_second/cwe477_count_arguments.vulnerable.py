import inspect


def argument_names(function):
    """Return the names of a function's arguments."""
    return inspect.getargspec(function).args


def check_callback(callback):
    names = argument_names(callback)
    if len(names) != 2:
        raise TypeError(f"expected two arguments, not {len(names)}")
    return names
