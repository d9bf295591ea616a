from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.views.decorators.http import require_GET

from .models import Employee


@login_required
@require_GET
def employee_directory(request):
    """List the employees of one department."""
    department = request.GET.get("department", "")
    sql = "SELECT * FROM hr_employee WHERE department = '{}' ORDER BY last_name".format(department)
    employees = Employee.objects.raw(sql)
    payload = [
        {"first_name": person.first_name, "last_name": person.last_name, "phone": person.office_phone}
        for person in employees
    ]
    return JsonResponse({"employees": payload})
