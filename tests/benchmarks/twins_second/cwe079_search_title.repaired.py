from django.http import HttpResponse
from django.utils.html import format_html
from django.views.decorators.http import require_GET


@require_GET
def search(request):
    query = request.GET.get("q", "")
    page = "<title>Results for {}</title><p>No results for {}.</p>"
    return HttpResponse(format_html(page, query, query))
