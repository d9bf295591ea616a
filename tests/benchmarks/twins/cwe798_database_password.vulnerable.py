import psycopg2
from psycopg2.extras import RealDictCursor


def connect():
    """Open a connection to the orders database."""
    return psycopg2.connect(
        host="db.internal.example.com",
        dbname="orders",
        user="orders_app",
        password="Vr8#kTq2!mZp",
        sslmode="verify-full",
        connect_timeout=5,
        cursor_factory=RealDictCursor,
    )


def open_orders():
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, total FROM orders WHERE status = 'open'")
        return cursor.fetchall()
