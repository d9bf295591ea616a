import os


class DnsTools:
    """Small wrappers around the dig command."""

    def __init__(self, server="1.1.1.1"):
        self.server = server

    def _dig(self, arguments):
        command = "dig @%s +short %s" % (self.server, arguments)
        with os.popen(command) as pipe:
            return pipe.read().splitlines()

    def mail_servers(self, domain):
        return self._dig("MX " + domain)

    def addresses(self, domain):
        return self._dig("A " + domain)
