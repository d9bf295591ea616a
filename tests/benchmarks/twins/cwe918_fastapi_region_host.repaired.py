from enum import Enum

import httpx
from fastapi import FastAPI

app = FastAPI()


class Region(str, Enum):
    EUROPE = "eu"
    AMERICA = "us"


ENDPOINTS = {
    Region.EUROPE: "https://eu.api.example.net/v1/quota",
    Region.AMERICA: "https://us.api.example.net/v1/quota",
}


@app.get("/quota")
async def quota(region: Region):
    """Return the remaining quota in a region."""
    async with httpx.AsyncClient(timeout=5) as client:
        response = await client.get(ENDPOINTS[region])
    return response.json()
