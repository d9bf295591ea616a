from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from .models import Recipe


@login_required
@require_POST
def edit_recipe(request, recipe_id):
    recipe = get_object_or_404(Recipe, pk=recipe_id)
    if recipe.owner_id != request.user.id:
        raise PermissionDenied
    recipe.title = request.POST.get("title", recipe.title)
    recipe.steps = request.POST.get("steps", recipe.steps)
    recipe.save()
    return JsonResponse({"id": recipe.pk, "title": recipe.title})
