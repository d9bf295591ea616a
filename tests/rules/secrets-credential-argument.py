import os
import ftplib
import psycopg2
import requests

# ruleid: secrets-credential-argument
URL = "postgresql://app:Tr0ub4dor@db.internal/app"
# ruleid: secrets-credential-argument
USERS = {"alice": "wonderland", "bob": "builder99"}


def weak(server):
    # ruleid: secrets-credential-argument
    a = psycopg2.connect(host="db", user="app", password="Tr0ub4dor")
    # ruleid: secrets-credential-argument
    server.login("me@example.org", "mailpass1")
    # ruleid: secrets-credential-argument
    b = requests.get("https://a.example", auth=("admin", "letmein1"))
    # ruleid: secrets-credential-argument
    config = {"host": "db", "user": "root", "password": "toor99"}
    return a, b, config


def fine(server, user, password):
    # ok: secrets-credential-argument
    a = psycopg2.connect(host="db", user="app", password=os.environ["DB_PASSWORD"])
    # ok: secrets-credential-argument
    server.login(user, password)
    # ok: secrets-credential-argument
    b = requests.get("https://a.example", auth=(user, password))
    # ok: secrets-credential-argument
    c = Field(password="Password")
    # ok: secrets-credential-argument
    d = psycopg2.connect(host="db", user="app", password="")
    # ok: secrets-credential-argument
    e = "https://example.org/path"
    # ok: secrets-credential-argument
    schema = {"username": "string", "password": "string"}
    # ok: secrets-credential-argument
    hashes = {"alice": "$2b$12$abcdefghijklmnopqrstuv"}
    return a, b, c, d, e, schema, hashes
