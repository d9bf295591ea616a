import sqlite3


def store_user(name, password):
    """Add a user to the database."""
    connection = sqlite3.connect("users.db")
    connection.execute(
        "INSERT INTO users (name, password) VALUES (?, ?)",
        (name, password),
    )
    connection.commit()
    connection.close()
