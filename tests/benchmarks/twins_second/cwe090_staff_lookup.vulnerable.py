import os

import ldap


def find_staff(name):
    """Look up the staff entries with a given common name."""
    connection = ldap.initialize("ldaps://directory.example.org")
    connection.simple_bind_s(os.environ["LDAP_DN"], os.environ["LDAP_PASSWORD"])
    query = "(&(objectClass=person)(cn=" + name + "))"
    try:
        return connection.search_s(
            "ou=staff,dc=example,dc=org",
            ldap.SCOPE_SUBTREE,
            query,
            ["cn", "mail"],
        )
    finally:
        connection.unbind_s()
