from django.contrib.auth.decorators import login_required, permission_required
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from .forms import SalaryForm
from .models import Employee


@login_required
@permission_required("payroll.change_salary", raise_exception=True)
@require_POST
def update_salary(request, employee_id):
    """Set the yearly salary of an employee."""
    employee = get_object_or_404(Employee, pk=employee_id)
    form = SalaryForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    employee.salary = form.cleaned_data["salary"]
    employee.save(update_fields=["salary"])
    return JsonResponse({"status": "updated"})
