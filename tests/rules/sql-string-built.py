import sqlite3

from sqlalchemy import select

COLUMNS = {"name": "name", "date": "created_at"}


def find_user(conn, username):
    # ruleid: sql-string-built
    return conn.execute(f"SELECT * FROM users WHERE username = '{username}'").fetchone()


def remove_user(username: str):
    with sqlite3.connect("app.db") as conn:
        cursor = conn.cursor()
        query = "DELETE FROM users WHERE username = '%s'" % username
        # ruleid: sql-string-built
        cursor.execute(query)


class Store:
    def add(self, name, price):
        # ruleid: sql-string-built
        self.cursor.execute("INSERT INTO items VALUES ('" + name + "', " + str(price) + ")")

    def add_safely(self, name, price):
        # ok: sql-string-built
        self.cursor.execute("INSERT INTO items VALUES (?, ?)", (name, price))


def find_safely(conn, username):
    query = "SELECT * FROM users WHERE username = ?"
    # ok: sql-string-built
    return conn.execute(query, (username,)).fetchone()


def listing(conn, order, page: int):
    # ok: sql-string-built
    return conn.execute(f"SELECT * FROM users ORDER BY {COLUMNS[order]} LIMIT {page}").fetchall()


def several(conn, ids):
    marks = ",".join("?" * len(ids))
    # ok: sql-string-built
    return conn.execute(f"SELECT * FROM users WHERE id IN ({marks})", ids).fetchall()


def with_core(session, name):
    # ok: sql-string-built
    return session.execute(select(User).where(User.name == name)).scalar()


QUERIES = {("name", True): "SELECT * FROM users ORDER BY name"}


def sorted_listing(conn, column, down):
    query = QUERIES.get((column, down))
    # ok: sql-string-built
    return conn.execute(query, (1,)).fetchall()


class Database:
    def _run(self, sql, parameters):
        # ok: sql-string-built
        self.cursor.execute(sql, parameters)

    def rename(self, old, new):
        # ruleid: sql-string-built
        self._run(f"UPDATE users SET name = '{new}' WHERE name = ?", (old,))

    def add(self, name):
        # ok: sql-string-built
        self._run("INSERT INTO users (name) VALUES (?)", (name,))
