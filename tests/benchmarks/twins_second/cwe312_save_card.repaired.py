import os
import sqlite3

from cryptography.fernet import Fernet


def save_card(customer_id, card_number, expiry):
    """Keep a customer's credit card for the next purchase."""
    connection = sqlite3.connect("customers.db")
    box = Fernet(os.environ["CARD_KEY"])
    sealed = box.encrypt(card_number.encode())
    connection.execute(
        "INSERT INTO cards (customer_id, card_number, expiry) VALUES (?, ?, ?)",
        (customer_id, sealed, expiry),
    )
    connection.commit()
    connection.close()
