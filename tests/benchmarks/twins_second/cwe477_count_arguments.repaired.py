import inspect


def argument_names(function):
    """Return the names of a function's arguments."""
    return list(inspect.signature(function).parameters)


def check_callback(callback):
    names = argument_names(callback)
    if len(names) != 2:
        raise TypeError(f"expected two arguments, not {len(names)}")
    return names
