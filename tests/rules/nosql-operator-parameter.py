def authenticate(users, username, password):
    # ruleid: nosql-operator-parameter
    return users.find_one({"username": username, "password": password})


def search(collection, query: dict):
    # ruleid: nosql-operator-parameter
    return list(collection.find(query))


def authenticate_text(users, username: str):
    # ok: nosql-operator-parameter
    return users.find_one({"username": username})


def authenticate_converted(users, username):
    # ok: nosql-operator-parameter
    return users.find_one({"username": {"$eq": str(username)}})


def position(text, part):
    # ok: nosql-operator-parameter
    return text.find(part)
