from jinja2 import Environment


def render_campaign(subject_template: str, body_template: str, recipients: list[dict]) -> list[dict]:
    """Fill a customer's own mail templates for each recipient."""
    environment = Environment(autoescape=True)
    subject = environment.from_string(subject_template)
    body = environment.from_string(body_template)
    return [
        {"to": person["email"], "subject": subject.render(person=person), "body": body.render(person=person)}
        for person in recipients
    ]
