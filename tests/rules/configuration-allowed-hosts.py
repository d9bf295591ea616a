# ruleid: configuration-allowed-hosts
ALLOWED_HOSTS = ["*"]
# ok: configuration-allowed-hosts
ALLOWED_HOSTS = ["example.org"]
# ruleid: configuration-allowed-hosts
ALLOWED_HOSTS = ["example.org", "*"]
# ok: configuration-allowed-hosts
ALLOWED_HOSTS = []
