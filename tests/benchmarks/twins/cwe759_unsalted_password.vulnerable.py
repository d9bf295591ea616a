import hashlib
import hmac
import sqlite3


class UserStore:
    def __init__(self, path):
        self.connection = sqlite3.connect(path)

    def add(self, name, password):
        digest = hashlib.sha512(password.encode("utf-8")).hexdigest()
        with self.connection:
            self.connection.execute("INSERT INTO users (name, digest) VALUES (?, ?)", (name, digest))

    def check(self, name, password):
        row = self.connection.execute("SELECT digest FROM users WHERE name = ?", (name,)).fetchone()
        digest = hashlib.sha512(password.encode("utf-8")).hexdigest()
        return row is not None and hmac.compare_digest(row[0], digest)
