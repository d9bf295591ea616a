from django.contrib.auth.decorators import login_required
from django.http import HttpResponseForbidden, JsonResponse
from django.views.decorators.http import require_GET

from .models import Patient


@login_required
@require_GET
def patient_list(request):
    """List the patients; for the medical staff."""
    if request.GET.get("staff") != "true" and not request.user.groups.filter(name="medical").exists():
        return HttpResponseForbidden()
    patients = Patient.objects.order_by("last_name").values("id", "first_name", "last_name")[:200]
    return JsonResponse({"patients": list(patients)})
