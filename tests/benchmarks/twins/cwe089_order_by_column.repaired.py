import sqlite3

QUERIES = {
    ("number", False): "SELECT number, issued_on, total FROM invoices WHERE customer_id = ? ORDER BY number ASC",
    ("number", True): "SELECT number, issued_on, total FROM invoices WHERE customer_id = ? ORDER BY number DESC",
    ("total", False): "SELECT number, issued_on, total FROM invoices WHERE customer_id = ? ORDER BY total ASC",
    ("total", True): "SELECT number, issued_on, total FROM invoices WHERE customer_id = ? ORDER BY total DESC",
}


def list_invoices(connection: sqlite3.Connection, customer_id: int, sort_by: str, descending: bool = False):
    """Return a customer's invoices sorted by the column the user picked."""
    query = QUERIES.get((sort_by, bool(descending)))
    if query is None:
        raise ValueError("unsupported sort column")
    cursor = connection.execute(query, (customer_id,))
    return [dict(zip(("number", "issued_on", "total"), row)) for row in cursor]
