def weak(user, token):
    # ruleid: robustness-swallowed-check
    try:
        verify_token(token)
    except Exception:
        pass
    # ruleid: robustness-swallowed-check
    try:
        user.check_permission("delete")
    except PermissionError:
        pass
    # ruleid: robustness-swallowed-check
    try:
        return authenticate(user)
    except ConnectionError:
        return True


def fine(user, token, path):
    # ok: robustness-swallowed-check
    try:
        verify_token(token)
    except ValueError:
        return False
    # ok: robustness-swallowed-check
    try:
        path.unlink()
    except FileNotFoundError:
        pass
    # ok: robustness-swallowed-check
    try:
        user.check_permission("delete")
    except PermissionError:
        raise
