from ldap3 import SUBTREE, Connection

BASE = "ou=people,dc=example,dc=org"


def find_people(connection: Connection, name: str) -> list[dict]:
    """Search the company directory by name."""
    query = f"(&(objectClass=person)(|(cn=*{name}*)(mail=*{name}*)))"
    connection.search(BASE, query, search_scope=SUBTREE, attributes=["cn", "mail"], size_limit=50)
    return [{"name": entry.cn.value, "mail": entry.mail.value} for entry in connection.entries]
