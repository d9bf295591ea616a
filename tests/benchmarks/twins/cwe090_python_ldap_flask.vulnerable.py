import os

import ldap
from flask import Flask, jsonify, request

from .auth import login_required

app = Flask(__name__)


@app.get("/groups")
@login_required
def groups_of():
    """List the groups of a member."""
    uid = request.args["uid"]
    directory = ldap.initialize(os.environ["LDAP_URL"])
    directory.simple_bind_s(os.environ["LDAP_USER"], os.environ["LDAP_PASSWORD"])
    search = "(&(objectClass=posixGroup)(memberUid=" + uid + "))"
    found = directory.search_s("ou=groups,dc=example,dc=org", ldap.SCOPE_SUBTREE, search, ["cn"])
    return jsonify([attributes["cn"][0].decode() for _, attributes in found])
