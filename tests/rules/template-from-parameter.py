from string import Template as Plain

from jinja2 import Environment, Template
from jinja2.sandbox import SandboxedEnvironment


def greeting(name):
    # ruleid: template-from-parameter
    return Template("Hello " + name).render()


def render(source: str, values: dict):
    # ruleid: template-from-parameter
    return Environment(autoescape=True).from_string(source).render(**values)


def greeting_safely(name):
    # ok: template-from-parameter
    return Template("Hello {{ name }}").render(name=name)


def plain(source, values):
    # ok: template-from-parameter
    return Plain(source).safe_substitute(values)


def sandboxed(source, values):
    env = SandboxedEnvironment()
    # ok: template-from-parameter
    return env.from_string(source).render(values)
