import ast
import operator

OPERATIONS = {"+": operator.add}


def calculate(expression):
    # ruleid: code-eval-parameter
    return eval(expression)


def discount(rule: str, price: float):
    # ruleid: code-eval-parameter
    return eval(rule, {"price": price})


def calculate_safely(expression):
    # ok: code-eval-parameter
    return ast.literal_eval(expression)


def apply(name, a, b):
    # ok: code-eval-parameter
    return OPERATIONS[name](a, b)


def power(n: int):
    # ok: code-eval-parameter
    return eval(f"2 ** {n}")
