from string import Template


def notify(template, event):
    # ruleid: format-template-parameter
    return template.format(event=event)


def banner(text: str, config):
    pattern = "[" + text + "]"
    # ruleid: format-template-parameter
    return pattern.format_map({"config": config})


def notify_safely(template, event):
    # ok: format-template-parameter
    return Template(template).safe_substitute(event=event.name)


def fixed(event):
    # ok: format-template-parameter
    return "event: {}".format(event)
