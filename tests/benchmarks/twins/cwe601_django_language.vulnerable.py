from django.http import HttpResponseRedirect
from django.utils import translation
from django.views.decorators.http import require_GET


@require_GET
def switch_language(request, code):
    """Change the language and send the visitor back."""
    back = request.GET.get("return_to", "/")
    translation.activate(code)
    response = HttpResponseRedirect(back)
    response.set_cookie("language", code, secure=True, httponly=True, samesite="Lax")
    return response
