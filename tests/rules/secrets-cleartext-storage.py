import getpass
import json
from flask import request
from werkzeug.security import generate_password_hash


def save(username, password):
    with open("users.txt", "a") as handle:
        # ruleid: secrets-cleartext-storage
        handle.write(f"{username}:{password}\n")


def register(cursor):
    username = request.form["username"]
    password = request.form["password"]
    # ruleid: secrets-cleartext-storage
    cursor.execute("INSERT INTO users VALUES (?, ?)", (username, password))


def create(db):
    # ruleid: secrets-cleartext-storage
    user = User(username="a", password=request.form["password"])
    # ruleid: secrets-cleartext-storage
    users["a"] = getpass.getpass()
    return user


def dump(card_number, path):
    data = {"card": card_number}
    with open(path, "w") as handle:
        # ruleid: secrets-cleartext-storage
        json.dump(data, handle)


def fine(username, password, cursor, handle):
    hashed = generate_password_hash(password)
    # ok: secrets-cleartext-storage
    cursor.execute("INSERT INTO users VALUES (?, ?)", (username, hashed))
    # ok: secrets-cleartext-storage
    handle.write(f"{username}:{hashed}\n")
    # ok: secrets-cleartext-storage
    cursor.execute("SELECT id FROM users WHERE name = ? AND password = ?", (username, password))
    # ok: secrets-cleartext-storage
    user = User(username=username, password=generate_password_hash(password))
    password = hash_password(password)
    # ok: secrets-cleartext-storage
    users[username] = password
    # ok: secrets-cleartext-storage
    user.password_hash = hashed
    return user


def length(password, handle):
    # ok: secrets-cleartext-storage
    handle.write(str(len(password)))
