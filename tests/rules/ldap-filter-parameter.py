import ldap3
from ldap3.utils.conv import escape_filter_chars


def find(conn, username):
    # ruleid: ldap-filter-parameter
    conn.search("dc=example,dc=org", f"(uid={username})", attributes=["cn"])
    return conn.entries


def find_by_keyword(conn, username):
    # ruleid: ldap-filter-parameter
    conn.search(search_base="dc=example,dc=org", search_filter="(uid=" + username + ")")
    return conn.entries


def find_safely(conn, username):
    safe = escape_filter_chars(username)
    # ok: ldap-filter-parameter
    conn.search("dc=example,dc=org", f"(uid={safe})", attributes=["cn"])
    return conn.entries


def everyone(conn, attributes):
    # ok: ldap-filter-parameter
    conn.search("dc=example,dc=org", "(objectClass=person)", attributes=attributes)
    return conn.entries
