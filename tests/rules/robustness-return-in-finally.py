def weak():
    # ruleid: robustness-return-in-finally
    try:
        return work()
    finally:
        return None


def weaker():
    result = 0
    # ruleid: robustness-return-in-finally
    try:
        result = work()
    except ValueError:
        raise
    finally:
        return result


def fine(handle):
    # ok: robustness-return-in-finally
    try:
        return work()
    finally:
        handle.close()


def other():
    # ok: robustness-return-in-finally
    try:
        return work()
    except ValueError:
        return None
