import os

import mysql.connector


def update_email(user_id, email):
    """Set the e-mail address of a user."""
    connection = mysql.connector.connect(
        host="localhost",
        user="app",
        password=os.environ["DB_PASSWORD"],
        database="crm",
    )
    cursor = connection.cursor()
    query = "UPDATE users SET email = '%s' WHERE id = %s" % (email, user_id)
    cursor.execute(query)
    connection.commit()
    count = cursor.rowcount
    connection.close()
    return count
