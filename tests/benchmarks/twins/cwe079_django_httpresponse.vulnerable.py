from django.http import HttpResponse
from django.views.decorators.http import require_GET

from .search import find_pages


@require_GET
def search_results(request):
    query = request.GET.get("q", "")
    hits = find_pages(query)
    items = "".join(f"<li>{number}. page {hit.pk:d}</li>" for number, hit in enumerate(hits, 1))
    body = "<h2>Results for %s</h2><ul>%s</ul>" % (query, items)
    return HttpResponse(body)
