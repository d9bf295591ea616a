from django.views.decorators.csrf import csrf_exempt
from flask import Flask

app = Flask(__name__)
# ruleid: configuration-csrf-disabled
app.config["WTF_CSRF_ENABLED"] = False


@csrf_exempt
# ruleid: configuration-csrf-disabled
def weak(request):
    return transfer(request)


@csrf.exempt
# ruleid: configuration-csrf-disabled
def weaker():
    return transfer()


@csrf_protect
# ok: configuration-csrf-disabled
def fine(request):
    return transfer(request)


# ok: configuration-csrf-disabled
app.config["WTF_CSRF_ENABLED"] = True
