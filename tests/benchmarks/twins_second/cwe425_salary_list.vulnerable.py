import sqlite3

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import render


def is_manager(user):
    return user.groups.filter(name="managers").exists()


@login_required
def menu(request):
    """The menu shows the link to the salaries to managers only."""
    return render(request, "menu.html", {"manager": is_manager(request.user)})


def salaries(request):
    connection = sqlite3.connect("staff.db")
    rows = connection.execute("SELECT name, salary FROM staff").fetchall()
    connection.close()
    return JsonResponse({"salaries": [list(row) for row in rows]})
