from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST


@login_required
@require_POST
def set_staff(request, user_id):
    """Give or take a user's staff rights."""
    if not request.user.is_superuser:
        raise PermissionDenied
    user = get_object_or_404(User, pk=user_id)
    user.is_staff = request.POST.get("staff") == "yes"
    user.save()
    return JsonResponse({"user": user.pk, "staff": user.is_staff})
