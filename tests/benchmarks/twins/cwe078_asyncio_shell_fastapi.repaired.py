import asyncio
from typing import Annotated

from fastapi import FastAPI, Query

app = FastAPI()
DomainName = Annotated[str, Query(pattern=r"^[a-z0-9][a-z0-9.-]{1,200}\.[a-z]{2,20}$")]


@app.get("/whois")
async def whois(domain: DomainName):
    """Look up the registration data of a domain."""
    process = await asyncio.create_subprocess_exec(
        "/usr/bin/whois",
        "--",
        domain,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await asyncio.wait_for(process.communicate(), timeout=15)
    return {"domain": domain, "record": output.decode("utf-8", "replace")}
