import sqlite3


def save_card(customer_id, card_number, expiry):
    """Keep a customer's credit card for the next purchase."""
    connection = sqlite3.connect("customers.db")
    connection.execute(
        "INSERT INTO cards (customer_id, card_number, expiry) VALUES (?, ?, ?)",
        (customer_id, card_number, expiry),
    )
    connection.commit()
    connection.close()
