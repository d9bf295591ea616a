from django.http import HttpResponse
from django.views.decorators.http import require_GET


@require_GET
def search(request):
    query = request.GET.get("q", "")
    page = "<title>Results for %s</title><p>No results for %s.</p>"
    return HttpResponse(page % (query, query))
