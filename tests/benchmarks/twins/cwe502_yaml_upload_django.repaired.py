import yaml
from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpResponseBadRequest, JsonResponse
from django.views.decorators.http import require_POST

from .services import import_catalogue

MAX_SIZE = 1_000_000


@staff_member_required
@require_POST
def import_yaml(request):
    """Import a product catalogue from an uploaded YAML file."""
    upload = request.FILES["catalogue"]
    if upload.size > MAX_SIZE:
        return HttpResponseBadRequest("file too large")
    data = yaml.safe_load(upload.read())
    count = import_catalogue(data["products"])
    return JsonResponse({"imported": count})
