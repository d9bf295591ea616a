import jinja2
from jinja2 import Environment, FileSystemLoader, select_autoescape

# ruleid: xss-autoescape-off
first = Environment(loader=FileSystemLoader("templates"))
# ruleid: xss-autoescape-off
second = jinja2.Environment(autoescape=False)
# ok: xss-autoescape-off
third = Environment(loader=FileSystemLoader("templates"), autoescape=True)
# ok: xss-autoescape-off
fourth = Environment(autoescape=select_autoescape(["html"]))
