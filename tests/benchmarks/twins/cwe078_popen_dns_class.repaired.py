import re
import subprocess

DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}")


class DnsTools:
    """Small wrappers around the dig command."""

    def __init__(self, server="1.1.1.1"):
        self.server = server

    def _dig(self, kind, domain):
        if not DOMAIN.fullmatch(domain):
            raise ValueError("not a domain name")
        command = ["/usr/bin/dig", "@" + self.server, "+short", kind, domain]
        result = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        return result.stdout.splitlines()

    def mail_servers(self, domain):
        return self._dig("MX", domain)

    def addresses(self, domain):
        return self._dig("A", domain)
