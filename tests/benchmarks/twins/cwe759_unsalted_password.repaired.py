import sqlite3

import bcrypt


class UserStore:
    def __init__(self, path):
        self.connection = sqlite3.connect(path)

    def add(self, name, password):
        digest = bcrypt.hashpw(password.encode("utf-8"), bcrypt.gensalt(rounds=12))
        with self.connection:
            self.connection.execute("INSERT INTO users (name, digest) VALUES (?, ?)", (name, digest))

    def check(self, name, password):
        row = self.connection.execute("SELECT digest FROM users WHERE name = ?", (name,)).fetchone()
        return row is not None and bcrypt.checkpw(password.encode("utf-8"), row[0])
