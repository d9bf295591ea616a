import ssl

from ldap3 import SIMPLE, Connection, Server, Tls
from ldap3.utils.dn import escape_rdn


def authenticate(username, password):
    """Return whether the directory knows this user."""
    if not username or not password:
        return False
    tls = Tls(validate=ssl.CERT_REQUIRED)
    server = Server("ldaps://directory.example.org", use_ssl=True, tls=tls, connect_timeout=5)
    dn = f"uid={escape_rdn(username)},ou=people,dc=example,dc=org"
    connection = Connection(server, user=dn, password=password, authentication=SIMPLE)
    if not connection.bind():
        return False
    connection.unbind()
    return True
