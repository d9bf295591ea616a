import jinja2
from flask import Flask, render_template, render_template_string, request

app = Flask(__name__)


@app.route("/hello")
def hello():
    name = request.args.get("name", "you")
    # ruleid: template-from-input
    first = render_template_string("<h1>Hello " + name + "</h1>")
    # ruleid: template-from-input
    second = jinja2.Template(f"Hello {name}").render()
    # ok: template-from-input
    third = render_template_string("<h1>Hello {{ name }}</h1>", name=name)
    # ok: template-from-input
    fourth = render_template("hello.html", name=name)
    # ok: template-from-input
    fifth = jinja2.Template("Hello {{ name }}").render(name=name)
    return first


@app.post("/preview")
async def preview(text: str):
    env = jinja2.Environment()
    # ruleid: template-from-input
    return env.from_string(text).render()
