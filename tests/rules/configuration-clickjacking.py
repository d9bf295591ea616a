from django.views.decorators.clickjacking import xframe_options_deny, xframe_options_exempt


@xframe_options_exempt
# ruleid: configuration-clickjacking
def weak(request):
    return page(request)


def header(response):
    # ruleid: configuration-clickjacking
    response["X-Frame-Options"] = "ALLOWALL"
    return response


@xframe_options_deny
# ok: configuration-clickjacking
def fine(request):
    return page(request)


def strict(response):
    # ok: configuration-clickjacking
    response["X-Frame-Options"] = "DENY"
    return response
