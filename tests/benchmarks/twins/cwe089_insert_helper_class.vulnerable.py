import pymysql


class AuditLog:
    def __init__(self, host, user, password):
        self.connection = pymysql.connect(host=host, user=user, password=password, database="audit")

    def _run(self, sql):
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
        self.connection.commit()

    def record(self, actor, action, note):
        """Store one audit event."""
        values = ", ".join(f"'{value}'" for value in (actor, action, note))
        self._run("INSERT INTO events (actor, action, note) VALUES (" + values + ")")
