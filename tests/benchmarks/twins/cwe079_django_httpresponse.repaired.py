from django.shortcuts import render
from django.views.decorators.http import require_GET

from .search import find_pages


@require_GET
def search_results(request):
    query = request.GET.get("q", "")
    hits = find_pages(query)
    return render(request, "search/results.html", {"query": query, "hits": hits})
