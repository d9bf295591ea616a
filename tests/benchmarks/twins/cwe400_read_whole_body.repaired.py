import zlib

from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
MAX_BODY = 1_000_000
MAX_TEXT = 8_000_000


@app.post("/metrics")
async def receive_metrics(request: Request):
    """Accept a gzip-compressed batch of metric lines."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(status_code=413)
    decoder = zlib.decompressobj(wbits=31)
    try:
        data = decoder.decompress(bytes(body), MAX_TEXT)
    except zlib.error:
        raise HTTPException(status_code=400) from None
    if decoder.unconsumed_tail:
        raise HTTPException(status_code=413)
    lines = [line for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
    return {"accepted": len(lines)}
