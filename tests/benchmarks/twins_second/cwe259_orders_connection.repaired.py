import os

import mysql.connector


def connect():
    return mysql.connector.connect(
        host="localhost",
        user="orders",
        password=os.environ["ORDERS_DB_PASSWORD"],
        database="orders",
    )


def open_orders():
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("SELECT id, total FROM orders WHERE status = 'open'")
    rows = cursor.fetchall()
    connection.close()
    return rows
