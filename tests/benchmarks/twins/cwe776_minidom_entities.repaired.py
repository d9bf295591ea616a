from defusedxml import DefusedXmlException, minidom
from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
MAX_BODY = 2_000_000


@app.post("/sitemap/check")
async def check_sitemap(request: Request):
    """Count the addresses in a submitted sitemap."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(status_code=413)
    try:
        document = minidom.parseString(bytes(body), forbid_dtd=True)
    except DefusedXmlException:
        raise HTTPException(status_code=400) from None
    locations = document.getElementsByTagName("loc")
    return {"count": len(locations)}
