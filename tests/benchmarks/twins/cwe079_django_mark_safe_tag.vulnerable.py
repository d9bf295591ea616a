from django import template
from django.utils.safestring import mark_safe

register = template.Library()


@register.simple_tag
def user_badge(user):
    """Show the user's display name with a link to the personal page."""
    label = user.display_name or user.username
    link = '<a class="badge" title="%s" href="/people/%d/">%s</a>' % (label, user.pk, label)
    return mark_safe(link)
