import re

TRUSTED = re.compile(r"https://.*.example.com")


def is_trusted_origin(origin: str) -> bool:
    """Tell whether a browser origin belongs to the company."""
    return TRUSTED.match(origin) is not None


def cors_headers(request_headers: dict[str, str]) -> dict[str, str]:
    origin = request_headers.get("Origin", "")
    if not is_trusted_origin(origin):
        return {}
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}
