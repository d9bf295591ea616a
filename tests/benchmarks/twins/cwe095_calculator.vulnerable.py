from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/calculate")
def calculate(expression: str):
    """Work out an arithmetic expression."""
    try:
        result = eval(expression)
    except (SyntaxError, ZeroDivisionError, TypeError):
        raise HTTPException(status_code=400, detail="Invalid expression")
    return {"expression": expression, "result": result}
