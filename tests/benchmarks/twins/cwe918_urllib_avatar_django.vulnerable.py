import urllib.request

from django.contrib.auth.decorators import login_required
from django.core.files.base import ContentFile
from django.http import JsonResponse
from django.views.decorators.http import require_POST


@login_required
@require_POST
def import_avatar(request):
    """Fetch the user's avatar from another site."""
    address = request.POST["avatar_url"]
    with urllib.request.urlopen(address, timeout=10) as remote:
        data = remote.read(2_000_000)
    profile = request.user.profile
    profile.avatar.save("avatar.png", ContentFile(data))
    return JsonResponse({"url": profile.avatar.url})
