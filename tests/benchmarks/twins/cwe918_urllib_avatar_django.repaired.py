import re

import requests
from django.contrib.auth.decorators import login_required
from django.core.files.base import ContentFile
from django.http import HttpResponseBadRequest, JsonResponse
from django.views.decorators.http import require_POST

GRAVATAR_HASH = re.compile(r"[0-9a-f]{64}")


@login_required
@require_POST
def import_avatar(request):
    """Fetch the user's avatar from Gravatar."""
    digest = request.POST["gravatar_hash"]
    if not GRAVATAR_HASH.fullmatch(digest):
        return HttpResponseBadRequest("invalid hash")
    remote = requests.get(
        f"https://www.gravatar.com/avatar/{digest}.png",
        timeout=10,
        allow_redirects=False,
    )
    remote.raise_for_status()
    profile = request.user.profile
    profile.avatar.save("avatar.png", ContentFile(remote.content))
    return JsonResponse({"url": profile.avatar.url})
