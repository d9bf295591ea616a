from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.http import JsonResponse
from django.views.decorators.http import require_POST


@require_POST
def forgotten_password(request):
    """Send a link to set a new password."""
    user = User.objects.filter(username=request.POST.get("username")).first()
    if user is not None:
        token = default_token_generator.make_token(user)
        link = f"https://www.example.com/reset/{user.pk}/{token}"
        recipient = user.email
        send_mail("Your password", link, "noreply@example.com", [recipient])
    return JsonResponse({"sent": True})
