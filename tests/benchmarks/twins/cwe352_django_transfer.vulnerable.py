from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from .forms import TransferForm
from .services import transfer_money


@csrf_exempt
@require_POST
@login_required
def transfer(request):
    """Move money from the signed-in user's account."""
    form = TransferForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    transfer_money(request.user.account, form.cleaned_data["target"], form.cleaned_data["amount"])
    return JsonResponse({"status": "done"})
