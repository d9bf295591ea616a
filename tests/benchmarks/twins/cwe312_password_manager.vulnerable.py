import json
from pathlib import Path


class PasswordVault:
    """Keep the passwords of the user's web sites."""

    def __init__(self, path: Path):
        self.path = path

    def load(self) -> dict[str, str]:
        if not self.path.exists():
            return {}
        return json.loads(self.path.read_text(encoding="utf-8"))

    def store(self, site: str, password: str) -> None:
        entries = self.load()
        entries[site] = password
        self.path.write_text(json.dumps(entries, indent=2), encoding="utf-8")
