from ldap3 import SUBTREE, Connection
from ldap3.utils.conv import escape_filter_chars

BASE = "ou=people,dc=example,dc=org"


def find_people(connection: Connection, name: str) -> list[dict]:
    """Search the company directory by name."""
    term = escape_filter_chars(name)
    query = f"(&(objectClass=person)(|(cn=*{term}*)(mail=*{term}*)))"
    connection.search(BASE, query, search_scope=SUBTREE, attributes=["cn", "mail"], size_limit=50)
    return [{"name": entry.cn.value, "mail": entry.mail.value} for entry in connection.entries]
