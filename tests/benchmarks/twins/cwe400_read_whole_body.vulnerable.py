import gzip

from fastapi import FastAPI, Request

app = FastAPI()


@app.post("/metrics")
async def receive_metrics(request: Request):
    """Accept a gzip-compressed batch of metric lines."""
    body = await request.body()
    text = gzip.decompress(body).decode("utf-8", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    return {"accepted": len(lines)}
