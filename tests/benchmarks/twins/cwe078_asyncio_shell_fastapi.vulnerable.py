import asyncio

from fastapi import FastAPI

app = FastAPI()


@app.get("/whois")
async def whois(domain: str):
    """Look up the registration data of a domain."""
    process = await asyncio.create_subprocess_shell(
        f"whois {domain}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await asyncio.wait_for(process.communicate(), timeout=15)
    return {"domain": domain, "record": output.decode("utf-8", "replace")}
