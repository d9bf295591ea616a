from django.contrib.auth.models import User
from django.http import JsonResponse
from django.views.decorators.http import require_POST


@require_POST
def register(request):
    name = request.POST.get("username", "")
    password = request.POST.get("password", "")
    if not name or len(password) < 4:
        return JsonResponse({"error": "name or password too short"}, status=400)
    user = User.objects.create_user(name, password=password)
    return JsonResponse({"id": user.pk}, status=201)
