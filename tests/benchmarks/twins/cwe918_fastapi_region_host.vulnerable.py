import httpx
from fastapi import FastAPI

app = FastAPI()


def endpoint(region: str) -> str:
    return "https://" + region + ".api.example.net/v1/quota"


@app.get("/quota")
async def quota(region: str):
    """Return the remaining quota in a region."""
    async with httpx.AsyncClient(timeout=5) as client:
        response = await client.get(endpoint(region))
    return response.json()
