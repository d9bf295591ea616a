from jinja2 import Environment, FileSystemLoader

environment = Environment(loader=FileSystemLoader("templates"))


def comment_page(article, comments):
    """Render an article's page with the readers' comments."""
    template = environment.get_template("comments.html")
    return template.render(
        title=article["title"],
        comments=[{"author": c["author"], "text": c["text"]} for c in comments],
    )
