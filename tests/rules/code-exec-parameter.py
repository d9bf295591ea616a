def run_script(code):
    scope = {}
    # ruleid: code-exec-parameter
    exec(code, scope)
    return scope


def define(name: str, body: str):
    text = f"def {name}():\n    {body}"
    # ruleid: code-exec-parameter
    exec(text)


def square(n: int):
    # ok: code-exec-parameter
    exec(f"print({n} ** 2)")


def fixed():
    # ok: code-exec-parameter
    exec("print(1)")
