from django.db import connection
from django.http import JsonResponse
from django.views.decorators.http import require_GET


@require_GET
def products(request):
    order = request.GET.get("order", "name")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, price FROM product ORDER BY " + order)
        rows = cursor.fetchall()
    return JsonResponse({"products": [list(row) for row in rows]})
