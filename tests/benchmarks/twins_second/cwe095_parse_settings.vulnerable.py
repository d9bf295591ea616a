def parse_settings(text):
    """Parse lines such as `sizes = [1, 2, 3]` that the user typed in."""
    settings = {}
    for line in text.splitlines():
        if "=" not in line:
            continue
        key, value = line.split("=", 1)
        settings[key.strip()] = eval(value)
    return settings
