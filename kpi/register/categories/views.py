"""The register's categories, for administrators of the center's circle."""

import json
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from iconm_portal.forms import unsent_input
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import add_refusals, refusal_text
from iconm_portal.settlement.version_lock import Conflict
from iconm_portal.site.crumbs import Crumb
from kpi.models import Category
from kpi.register.categories import actions
from kpi.register.categories.actions import CategoryFacts
from kpi.register.forms import CategoryForm


@center_view(Right.ADMINISTER)
@require_safe
def categories(request: HttpRequest, center: Center) -> HttpResponse:
    """All categories in order, with what each asks for."""
    rows = Category.objects.filter(center=center).annotate(record_count=Count("records"))
    return render(request, "kpi/register/categories/categories.html", {"rows": rows})


@center_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, center: Center) -> HttpResponse:
    """Enter a category."""
    kept = None if request.method == "POST" else unsent_input.kept_for(request)
    form = CategoryForm(request.POST or kept)
    if request.method == "POST" and form.is_valid():
        try:
            actions.create(
                center=center, code=form.cleaned_data["code"], facts=_facts(form), by=person(request)
            )
        except ValidationError as refused:
            add_refusals(form, refused)
        else:
            unsent_input.forget(request)
            messages.success(request, _("The category is entered. Its records can be kept now."))
            return redirect("kpi:categories", center=center.code)
    context = {"form": form, "was_kept": kept is not None, "crumbs": _crumbs(center)}
    return render(
        request, "kpi/register/categories/category.html", context, status=400 if form.errors else 200
    )


@center_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def category(request: HttpRequest, center: Center, category: str) -> HttpResponse:
    """Change a category; its code stays."""
    found = get_object_or_404(Category.objects.select_related("center"), center=center, code=category)
    if request.method != "POST":
        kept = unsent_input.kept_for(request)
        return _page(request, found, _form(found, kept), was_kept=kept is not None)
    form = _form(found, request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=400)
    try:
        actions.change(category=found, seen=_seen(form), facts=_facts(form), by=person(request))
    except ValidationError as refused:
        add_refusals(form, refused)
        return _page(request, found, form, status=400)
    except Conflict as conflict:
        return _overtaken(request, found, form, conflict)
    unsent_input.forget(request)
    messages.success(request, _("The changes are saved."))
    return redirect("kpi:categories", center=center.code)


def _overtaken(request: HttpRequest, found: Category, form: CategoryForm, conflict: Conflict) -> HttpResponse:
    """What was typed, with what is saved now at every field that differs; sent again, it replaces that."""
    now = asdict(actions.facts_of(found))
    typed = request.POST.copy()
    typed["seen"] = json.dumps(now)
    form.data = typed
    for name, value in now.items():
        if form.cleaned_data[name] != value:
            shown = (_("yes") if value else _("no")) if isinstance(value, bool) else value or "－"
            form.add_error(name, _("Saved now: %(value)s") % {"value": shown})
    return _page(request, found, form, refusal=refusal_text(conflict, ""), status=409)


def _form(found: Category, data: Any) -> CategoryForm:
    now = asdict(actions.facts_of(found))
    form = CategoryForm(data, initial=now | {"seen": json.dumps(now)})
    del form.fields["code"]
    return form


def _facts(form: CategoryForm) -> CategoryFacts:
    given = {name: form.cleaned_data[name] for name in CategoryFacts.__dataclass_fields__}
    return CategoryFacts(**given | {"position": given["position"] or 0})


def _seen(form: CategoryForm) -> CategoryFacts:
    """What the page showed. Whatever else was sent was never seen, so it is a conflict."""
    try:
        return CategoryFacts(**json.loads(form.cleaned_data["seen"]))
    except (TypeError, ValueError):
        return CategoryFacts(name="")


def _crumbs(center: Center) -> list[Crumb]:
    return [Crumb(_("Categories"), reverse("kpi:categories", kwargs={"center": center.code}))]


def _page(
    request: HttpRequest,
    found: Category,
    form: CategoryForm,
    *,
    was_kept: bool = False,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "category": found,
        "was_kept": was_kept,
        "refusal": refusal,
        "crumbs": _crumbs(found.center),
    }
    return render(request, "kpi/register/categories/category.html", context, status=status)
