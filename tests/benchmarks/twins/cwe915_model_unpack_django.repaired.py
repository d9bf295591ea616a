import json

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.http import require_http_methods

from .models import Listing


class ListingForm(forms.ModelForm):
    class Meta:
        model = Listing
        fields = ["title", "description", "price"]


@login_required
@require_http_methods(["POST"])
def create_listing(request):
    """Create a listing for the signed-in seller."""
    form = ListingForm(json.loads(request.body))
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    listing = form.save(commit=False)
    listing.seller = request.user
    listing.save()
    return JsonResponse({"id": listing.pk}, status=201)
