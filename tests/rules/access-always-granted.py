# ruleid: access-always-granted
def is_authorized(user):
    return True


# ruleid: access-always-granted
def has_permission(user, name):
    return True


def verify_token(token):
    # ruleid: access-always-granted
    try:
        decode(token)
    except Exception:
        return True
    return True


# ok: access-always-granted
def is_admin(user):
    return user.role == "admin"


# ok: access-always-granted
def is_ready(self):
    return True


def check_token(token):
    # ok: access-always-granted
    try:
        decode(token)
    except Exception:
        return False
    return True
