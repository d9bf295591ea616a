import yaml
from django.contrib.admin.views.decorators import staff_member_required
from django.http import JsonResponse
from django.views.decorators.http import require_POST

from .services import import_catalogue


@staff_member_required
@require_POST
def import_yaml(request):
    """Import a product catalogue from an uploaded YAML file."""
    upload = request.FILES["catalogue"]
    data = yaml.load(upload.read(), Loader=yaml.Loader)
    count = import_catalogue(data["products"])
    return JsonResponse({"imported": count})
