import pymysql


class AuditLog:
    def __init__(self, host, user, password):
        self.connection = pymysql.connect(host=host, user=user, password=password, database="audit")

    def _run(self, sql, parameters):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
        self.connection.commit()

    def record(self, actor, action, note):
        """Store one audit event."""
        self._run(
            "INSERT INTO events (actor, action, note) VALUES (%s, %s, %s)",
            (actor, action, note),
        )
