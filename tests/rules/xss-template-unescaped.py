from flask import render_template_string

# ruleid: xss-template-unescaped
PAGE_TEMPLATE = "<p>{{ comment | safe }}</p>"
# ok: xss-template-unescaped
OTHER_TEMPLATE = "<p>{{ comment }} is safe</p>"


def show(comment):
    # ruleid: xss-template-unescaped
    first = render_template_string("<p>{{ comment|safe }}</p>", comment=comment)
    # ruleid: xss-template-unescaped
    second = render_template_string("{% autoescape false %}{{ comment }}{% endautoescape %}", comment=comment)
    # ok: xss-template-unescaped
    return render_template_string("<p>{{ comment }}</p>", comment=comment)
