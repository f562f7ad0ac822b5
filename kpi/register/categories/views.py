"""The register's categories, for the staff of both sides."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from iconm_portal.forms.form_page import Make, form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.site.crumbs import Crumb
from kpi.models import Category
from kpi.register.categories import actions
from kpi.register.forms import CategoryForm


@center_view(Right.PREPARE)
@require_safe
def categories(request: HttpRequest, center: Center) -> HttpResponse:
    """All categories in order, with what each asks for."""
    rows = Category.objects.filter(center=center).annotate(record_count=Count("records"))
    return render(request, "kpi/register/categories/categories.html", {"rows": rows})


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, center: Center) -> HttpResponse:
    """Enter a category."""

    def save(form: CategoryForm) -> HttpResponse:
        actions.create(center=center, code=form.cleaned_data["code"], facts=form.facts(), by=person(request))
        messages.success(request, _("The category is entered. Its records can be kept now."))
        return redirect("kpi:categories", center=center.code)

    return _page(request, center, lambda data, _files: CategoryForm(data), save)


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def category(request: HttpRequest, center: Center, category: str) -> HttpResponse:
    """Change a category; its code stays."""

    found = _found(center, category)

    def save(form: CategoryForm) -> HttpResponse:
        actions.change(category=found, seen=form.seen_facts, facts=form.facts(), by=person(request))
        messages.success(request, _("The changes are saved."))
        return redirect("kpi:categories", center=center.code)

    return _page(
        request, center, lambda data, _files: CategoryForm(data, category=_found(center, category)), save
    )


def _found(center: Center, code: str) -> Category:
    return get_object_or_404(Category.objects.select_related("center"), center=center, code=code)


def _page(
    request: HttpRequest,
    center: Center,
    form: Make[CategoryForm],
    save: Callable[[CategoryForm], HttpResponse],
) -> HttpResponse:
    return form_page(
        request,
        "kpi/register/categories/category.html",
        form=form,
        save=save,
        context=lambda form: {
            "category": form.category,
            "crumbs": [Crumb(_("Categories"), reverse("kpi:categories", kwargs={"center": center.code}))],
        },
    )
