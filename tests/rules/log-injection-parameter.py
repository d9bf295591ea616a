import logging


def log_login(username, success: bool):
    # ruleid: log-injection-parameter
    logging.info(f"Login of {username}: {success}")


def record_event(event):
    # ruleid: log-injection-parameter
    logging.info("Event " + event)


def log_login_safely(username):
    # ok: log-injection-parameter
    logging.info("Login of %r", username)


def log_without_breaks(username):
    name = username.replace("\n", "").replace("\r", "")
    # ok: log-injection-parameter
    logging.info(f"Login of {name}")


def compute(value):
    # ok: log-injection-parameter
    logging.debug(f"computing {value}")
