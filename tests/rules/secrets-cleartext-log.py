import logging
from flask import request

logger = logging.getLogger(__name__)


def weak(username, password, user, api_key):
    # ruleid: secrets-cleartext-log
    logging.info("login of %s with %s", username, password)
    # ruleid: secrets-cleartext-log
    logger.debug(f"user {username} password {password}")
    # ruleid: secrets-cleartext-log
    logger.info("key: " + api_key)
    # ruleid: secrets-cleartext-log
    print("Password:", password)
    # ruleid: secrets-cleartext-log
    logger.warning("form: %s", request.form["password"])
    # ruleid: secrets-cleartext-log
    logger.info("card %s", user.credit_card)


def fine(username, password, token, card_number):
    # ok: secrets-cleartext-log
    logging.info("login of %s", username)
    # ok: secrets-cleartext-log
    logger.debug("password length %d", len(password))
    # ok: secrets-cleartext-log
    print(token)
    # ok: secrets-cleartext-log
    logger.info("card ending in %s", card_number[-4:])
    # ok: secrets-cleartext-log
    logger.info("hash %s", hash_password(password))
    # ok: secrets-cleartext-log
    logger.warning("wrong password for %s", username)
    password_hash = digest(password)
    # ok: secrets-cleartext-log
    logger.info("stored %s", password_hash)
