import json

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.http import require_http_methods

from .models import Listing


@login_required
@require_http_methods(["POST"])
def create_listing(request):
    """Create a listing for the signed-in seller."""
    data = json.loads(request.body)
    listing = Listing.objects.create(seller=request.user, **data)
    return JsonResponse({"id": listing.pk}, status=201)
