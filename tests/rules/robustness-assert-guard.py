def weak(user, token, request):
    # ruleid: robustness-assert-guard
    assert user.is_admin, "admins only"
    # ruleid: robustness-assert-guard
    assert token == load()
    # ruleid: robustness-assert-guard
    assert request.user.has_permission("x")
    return delete()


def fine(user, items):
    # ok: robustness-assert-guard
    assert items
    # ok: robustness-assert-guard
    assert isinstance(items, list)
    # ok: robustness-assert-guard
    assert len(items) > 2, "short"
    if not user.is_admin:
        raise PermissionError
    return items


def test_admin(user):
    # ok: robustness-assert-guard
    assert user.is_admin
