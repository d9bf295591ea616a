import random
import time


class OneTimeCodes:
    """Six-digit codes for the second step of the login."""

    def __init__(self, lifetime=300):
        self.lifetime = lifetime
        self._codes = {}

    def create(self, user_id):
        code = f"{random.randint(0, 999999):06d}"
        self._codes[user_id] = (code, time.monotonic() + self.lifetime)
        return code
