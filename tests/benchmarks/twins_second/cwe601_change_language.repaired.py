from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET


@require_GET
def change_language(request):
    back = request.GET.get("back") or "/"
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=True):
        back = "/"
    response = HttpResponseRedirect(back)
    language = "de" if request.GET.get("lang") == "de" else "en"
    response.set_cookie("lang", language, secure=True, httponly=True, samesite="Lax")
    return response
