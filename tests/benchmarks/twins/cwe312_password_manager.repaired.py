import keyring


class PasswordVault:
    """Keep the passwords of the user's web sites in the system's key ring."""

    def __init__(self, service: str = "site-vault"):
        self.service = service

    def load(self, site: str) -> str | None:
        return keyring.get_password(self.service, site)

    def store(self, site: str, password: str) -> None:
        keyring.set_password(self.service, site, password)
