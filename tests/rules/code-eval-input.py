import ast

from flask import Flask, request

app = Flask(__name__)


@app.route("/calc")
def calc():
    expression = request.args.get("expression")
    # ruleid: code-eval-input
    result = eval(expression)
    # ruleid: code-eval-input
    result = eval(expression, {"__builtins__": {}})
    # ok: code-eval-input
    result = ast.literal_eval(expression)
    # ok: code-eval-input
    result = eval("1 + 1")
    return str(result)


@app.post("/calc")
async def calc_body(body: Body):
    # ruleid: code-eval-input
    return eval(body.text)


def main():
    # ruleid: code-eval-input
    print(eval(input("> ")))
    # ok: code-eval-input
    print(eval(str(int(input("> ")))))
