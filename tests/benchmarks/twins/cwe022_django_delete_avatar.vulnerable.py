import os

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_POST


@require_POST
@login_required
def delete_avatar(request):
    """Remove one of the user's avatar pictures."""
    folder = settings.MEDIA_ROOT + "/avatars/" + str(request.user.pk)
    filename = request.POST.get("filename")
    location = folder + "/" + filename
    if not os.path.isfile(location):
        return HttpResponseNotFound()
    os.remove(location)
    return HttpResponse(status=204)
