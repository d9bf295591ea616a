import sqlite3

from werkzeug.security import generate_password_hash


def store_user(name, password):
    """Add a user to the database."""
    connection = sqlite3.connect("users.db")
    connection.execute(
        "INSERT INTO users (name, password) VALUES (?, ?)",
        (name, generate_password_hash(password)),
    )
    connection.commit()
    connection.close()
