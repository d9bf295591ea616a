from pymongo.collection import Collection


def find_devices(devices: Collection, owner: str, minimum_version: str) -> list[dict]:
    """Return the owner's devices running at least the given firmware."""
    expression = "this.owner == '" + owner + "' && this.firmware >= '" + minimum_version + "'"
    cursor = devices.find({"$where": expression}, {"_id": 0, "serial": 1, "firmware": 1})
    return list(cursor)
