from jinja2 import Environment, FileSystemLoader, select_autoescape


class ReportRenderer:
    """Render HTML reports from the templates folder."""

    def __init__(self, folder="templates"):
        self.environment = Environment(
            loader=FileSystemLoader(folder),
            trim_blocks=True,
            autoescape=select_autoescape(["html", "xml"]),
        )

    def render_comments(self, comments):
        template = self.environment.get_template("comments.html")
        return template.render(comments=comments)

    def render_profile(self, user):
        template = self.environment.get_template("profile.html")
        return template.render(name=user["name"], bio=user["bio"])
