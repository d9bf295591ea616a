import re

PARTNER = re.compile(r"https://(www|shop).partner.com")
TICKET = re.compile(r"[A-Z]{2}\d{6}")


def is_partner_link(link: str) -> bool:
    """Tell whether a link in a comment leads to our partner's site."""
    return PARTNER.match(link) is not None


def keep_partner_links(links):
    return [link for link in links if is_partner_link(link)]


def is_ticket(number: str) -> bool:
    return TICKET.fullmatch(number) is not None
