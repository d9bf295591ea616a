from django import template
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def user_badge(user):
    """Show the user's display name with a link to the personal page."""
    label = user.display_name or user.username
    return format_html('<a class="badge" title="{}" href="/people/{}/">{}</a>', label, user.pk, label)
