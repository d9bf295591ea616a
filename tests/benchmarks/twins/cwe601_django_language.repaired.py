from django.conf import settings
from django.http import Http404, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET


@require_GET
def switch_language(request, code):
    """Change the language and send the visitor back."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    back = request.GET.get("return_to", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=True):
        back = "/"
    translation.activate(code)
    response = HttpResponseRedirect(back)
    response.set_cookie("language", code, secure=True, httponly=True, samesite="Lax")
    return response
