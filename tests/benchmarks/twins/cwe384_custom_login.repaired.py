from django.contrib.auth import authenticate, login
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST
from django_ratelimit.decorators import ratelimit


@csrf_protect
@require_POST
@ratelimit(key="ip", rate="10/m", block=True)
def sign_in(request):
    """Sign a user in with name and password."""
    user = authenticate(request, username=request.POST["username"], password=request.POST["password"])
    if user is None:
        return JsonResponse({"error": "invalid credentials"}, status=401)
    request.session.cycle_key()
    login(request, user)
    return JsonResponse({"status": "signed in"})
