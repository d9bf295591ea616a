import html
import string


def render_campaign(subject_template: str, body_template: str, recipients: list[dict]) -> list[dict]:
    """Fill a customer's own mail templates for each recipient."""
    subject = string.Template(subject_template)
    body = string.Template(body_template)
    messages = []
    for person in recipients:
        plain = {"name": person["name"], "city": person["city"]}
        escaped = {key: html.escape(value) for key, value in plain.items()}
        messages.append(
            {
                "to": person["email"],
                "subject": subject.safe_substitute(plain),
                "body": body.safe_substitute(escaped),
            }
        )
    return messages
