import re
from urllib.parse import urlsplit

PARTNERS = {"www.partner.com", "shop.partner.com"}
TICKET = re.compile(r"[A-Z]{2}\d{6}")


def is_partner_link(link: str) -> bool:
    """Tell whether a link in a comment leads to our partner's site."""
    parts = urlsplit(link)
    return parts.scheme == "https" and parts.netloc in PARTNERS


def keep_partner_links(links):
    return [link for link in links if is_partner_link(link)]


def is_ticket(number: str) -> bool:
    return TICKET.fullmatch(number) is not None
