import ast
import operator

from fastapi import FastAPI, HTTPException

app = FastAPI()
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def compute(node):
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](compute(node.left), compute(node.right))
    raise ValueError("unsupported expression")


@app.get("/calculate")
def calculate(expression: str):
    """Work out an arithmetic expression."""
    if len(expression) > 100:
        raise HTTPException(status_code=400, detail="Expression too long")
    try:
        result = compute(ast.parse(expression, mode="eval").body)
    except (SyntaxError, ZeroDivisionError, ValueError):
        raise HTTPException(status_code=400, detail="Invalid expression") from None
    return {"expression": expression, "result": result}
