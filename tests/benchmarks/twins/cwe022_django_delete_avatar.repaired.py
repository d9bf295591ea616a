from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_POST


@require_POST
@login_required
def delete_avatar(request):
    """Remove one of the user's avatar pictures."""
    folder = Path(settings.MEDIA_ROOT, "avatars", str(request.user.pk))
    filename = request.POST.get("filename")
    pictures = {entry.name: entry for entry in folder.iterdir() if entry.is_file()}
    location = pictures.get(filename)
    if location is None:
        return HttpResponseNotFound()
    location.unlink(missing_ok=True)
    return HttpResponse(status=204)
