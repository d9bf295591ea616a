import logging


def weak(items):
    # ruleid: robustness-swallowed-exception
    try:
        work()
    except:
        pass
    # ruleid: robustness-swallowed-exception
    try:
        work()
    except Exception:
        pass
    for item in items:
        # ruleid: robustness-swallowed-exception
        try:
            work(item)
        except Exception:
            continue


def fine():
    # ok: robustness-swallowed-exception
    try:
        work()
    except KeyError:
        pass
    # ok: robustness-swallowed-exception
    try:
        work()
    except Exception:
        logging.exception("failed")
        raise
    # ok: robustness-swallowed-exception
    try:
        work()
    except Exception:
        return None
