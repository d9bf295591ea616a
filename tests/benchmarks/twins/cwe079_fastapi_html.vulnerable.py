from fastapi import FastAPI
from fastapi.responses import HTMLResponse

app = FastAPI()


def render_error(message: str) -> str:
    return "<html><body><div class='alert'>" + message + "</div></body></html>"


@app.get("/pages/{name}", response_class=HTMLResponse)
async def missing_page(name: str):
    """Tell the visitor that a page does not exist."""
    content = render_error("The page " + name + " does not exist.")
    return HTMLResponse(content=content, status_code=404)
