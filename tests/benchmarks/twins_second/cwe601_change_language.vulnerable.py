from django.http import HttpResponseRedirect
from django.views.decorators.http import require_GET


@require_GET
def change_language(request):
    back = request.GET.get("back") or "/"
    response = HttpResponseRedirect(back)
    language = "de" if request.GET.get("lang") == "de" else "en"
    response.set_cookie("lang", language, secure=True, httponly=True, samesite="Lax")
    return response
