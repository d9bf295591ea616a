import ldap
from ldap3 import ANONYMOUS, Connection


def authenticate(server, user, password):
    # ruleid: access-anonymous-bind
    return Connection(server, authentication=ANONYMOUS).bind()


def login(address):
    connection = ldap.initialize(address)
    # ruleid: access-anonymous-bind
    connection.simple_bind_s("", "")


def authenticate_user(server, user, password):
    # ok: access-anonymous-bind
    return Connection(server, user=user, password=password).bind()


def search_public(server):
    # ok: access-anonymous-bind
    return Connection(server, authentication=ANONYMOUS).bind()
