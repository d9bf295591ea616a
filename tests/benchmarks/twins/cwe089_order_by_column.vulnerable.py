import sqlite3


def list_invoices(connection: sqlite3.Connection, customer_id: int, sort_by: str, descending: bool = False):
    """Return a customer's invoices sorted by the column the user picked."""
    direction = "DESC" if descending else "ASC"
    query = f"SELECT number, issued_on, total FROM invoices WHERE customer_id = ? ORDER BY {sort_by} {direction}"
    cursor = connection.execute(query, (customer_id,))
    return [dict(zip(("number", "issued_on", "total"), row)) for row in cursor]
