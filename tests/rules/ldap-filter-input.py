import ldap
from flask import Flask, request
from ldap.filter import escape_filter_chars

app = Flask(__name__)


@app.route("/people")
def people():
    name = request.args["name"]
    connection = ldap.initialize("ldap://localhost")
    # ruleid: ldap-filter-input
    found = connection.search_s("dc=example,dc=org", ldap.SCOPE_SUBTREE, f"(uid={name})")
    search = "(cn=%s)" % name
    # ruleid: ldap-filter-input
    found = connection.search_s("dc=example,dc=org", ldap.SCOPE_SUBTREE, search)
    # ok: ldap-filter-input
    found = connection.search_s("dc=example,dc=org", ldap.SCOPE_SUBTREE, f"(uid={escape_filter_chars(name)})")
    # ok: ldap-filter-input
    found = connection.search_s("dc=example,dc=org", ldap.SCOPE_SUBTREE, "(objectClass=person)")
    return str(found)
