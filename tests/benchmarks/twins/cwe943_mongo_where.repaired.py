from pymongo.collection import Collection


def find_devices(devices: Collection, owner: str, minimum_version: str) -> list[dict]:
    """Return the owner's devices running at least the given firmware."""
    query = {"owner": {"$eq": str(owner)}, "firmware": {"$gte": str(minimum_version)}}
    cursor = devices.find(query, {"_id": 0, "serial": 1, "firmware": 1})
    return list(cursor)
