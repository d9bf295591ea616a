import psycopg2


class CustomerRepository:
    """Read access to the customer table."""

    def __init__(self, dsn):
        self._connection = psycopg2.connect(dsn)

    def find_by_email(self, email):
        query = "SELECT id, name, email FROM customers WHERE email = '%s'" % email
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchone()

    def find_by_city(self, city, active=True):
        query = "SELECT id, name, email FROM customers WHERE city = '%s' AND active = %s" % (city, active)
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
