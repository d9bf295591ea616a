from importlib.metadata import entry_points


def load_plugins(names: list[str]) -> list:
    """Load the plugins that the configuration names."""
    available = {point.name: point for point in entry_points(group="reporter.plugins")}
    missing = [name for name in names if name not in available]
    if missing:
        raise ValueError("some plugins are not installed")
    return [available[name].load() for name in names]
