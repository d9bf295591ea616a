from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST


@csrf_exempt
@login_required
@require_POST
def close_account(request):
    """Close the account of the user who is logged in."""
    user = request.user
    user.is_active = False
    user.save()
    logout(request)
    return JsonResponse({"closed": True})
