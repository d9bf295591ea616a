from xml.dom import minidom

from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/sitemap/check")
async def check_sitemap(request: Request):
    """Count the addresses in a submitted sitemap."""
    body = await request.body()
    document = minidom.parseString(body)
    locations = document.getElementsByTagName("loc")
    return {"count": len(locations)}
