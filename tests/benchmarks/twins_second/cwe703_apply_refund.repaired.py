import logging
import sqlite3

logger = logging.getLogger(__name__)


def apply_refund(order_id: int, amount: int) -> bool:
    """Record a refund; True where it was recorded."""
    connection = sqlite3.connect("shop.db")
    try:
        with connection:
            connection.execute(
                "INSERT INTO refunds (order_id, amount) VALUES (?, ?)",
                (order_id, amount),
            )
    except sqlite3.Error:
        logger.exception("the refund of order %d was not recorded", order_id)
        return False
    finally:
        connection.close()
    return True
