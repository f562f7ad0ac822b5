"""How a center's activities are arranged: schemes, headings and activities, kept by the staff of both sides."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from iconm_portal.forms.form_page import Make, form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives.arrangement import actions
from kpi.initiatives.arrangement.actions import Arranged
from kpi.initiatives.arrangement.forms import ActivityForm, GroupForm, SchemeForm
from kpi.models import Initiative, InitiativeCategory, InitiativeScheme

Parent = Center | InitiativeScheme | InitiativeCategory
Form = SchemeForm | GroupForm | ActivityForm


@center_view(Right.PREPARE)
@require_safe
def arrangement(request: HttpRequest, center: Center) -> HttpResponse:
    """All schemes with their headings and activities, each to be changed."""
    return _overview(request, center)


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_scheme(request: HttpRequest, center: Center) -> HttpResponse:
    """A new arrangement, from this fiscal year on unless another is typed."""
    this_year = {"first_year": FiscalYear.of(clock.today())}
    return _page(request, center, lambda data, _files: SchemeForm(data, initial=this_year), parent=center)


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def scheme(request: HttpRequest, center: Center, scheme: str) -> HttpResponse:
    """Change an arrangement, or end it."""
    found = _scheme(center, scheme)
    return _page(
        request, center, lambda data, _files: SchemeForm(data, row=_scheme(center, scheme)), row=found
    )


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_group(request: HttpRequest, center: Center, scheme: str) -> HttpResponse:
    """A new heading."""
    of = _scheme(center, scheme)
    return _page(request, center, lambda data, _files: GroupForm(data, scheme=of), parent=of)


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def group(request: HttpRequest, center: Center, scheme: str, group: str) -> HttpResponse:
    """Change a heading and the goals that it serves."""
    found = _group(center, scheme, group)
    return _page(
        request,
        center,
        lambda data, _files: GroupForm(data, scheme=found.scheme, row=_group(center, scheme, group)),
        row=found,
    )


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_activity(request: HttpRequest, center: Center, scheme: str, group: str) -> HttpResponse:
    """A new activity under a heading."""
    of = _group(center, scheme, group)
    return _page(request, center, lambda data, _files: ActivityForm(data), parent=of)


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def activity(request: HttpRequest, center: Center, scheme: str, group: str, activity: str) -> HttpResponse:
    """Change an activity."""
    found = _activity(center, scheme, group, activity)
    return _page(
        request,
        center,
        lambda data, _files: ActivityForm(data, row=_activity(center, scheme, group, activity)),
        row=found,
    )


@center_view(Right.PREPARE)
def remove(
    request: HttpRequest, center: Center, scheme: str, group: str = "", activity: str = ""
) -> HttpResponse:
    """Delete what nothing rests on."""
    if request.method != "POST":
        return redirect("kpi:arrangement", center=center.code)
    row = _found(center, scheme, group, activity)
    try:
        actions.remove(row=row, by=person(request))
    except ValidationError as error:
        return _overview(request, center, refusal=" ".join(error.messages), status=HTTPStatus.CONFLICT)
    messages.success(request, _("“%(name)s” was taken out. The history keeps it.") % {"name": row})
    return redirect("kpi:arrangement", center=center.code)


# -- What the pages share --


def _overview(
    request: HttpRequest, center: Center, *, refusal: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    schemes = InitiativeScheme.objects.filter(center=center)
    context = {
        "schemes": schemes.prefetch_related("categories__initiatives", "categories__goals"),
        "refusal": refusal,
        "crumbs": _crumbs(center)[:-1],
    }
    return render(request, "kpi/initiatives/arrangement/list.html", context, status=status)


def _found(center: Center, scheme: str, group: str, activity: str) -> Arranged:
    if activity:
        return _activity(center, scheme, group, activity)
    return _group(center, scheme, group) if group else _scheme(center, scheme)


def _scheme(center: Center, code: str) -> InitiativeScheme:
    return get_object_or_404(InitiativeScheme.objects.select_related("center"), center=center, code=code)


def _group(center: Center, scheme: str, code: str) -> InitiativeCategory:
    rows = InitiativeCategory.objects.select_related("scheme__center", "parent")
    return get_object_or_404(rows, scheme__center=center, scheme__code=scheme, code=code)


def _activity(center: Center, scheme: str, group: str, code: str) -> Initiative:
    rows = Initiative.objects.select_related("category__scheme__center")
    of = {"category__scheme__center": center, "category__scheme__code": scheme, "category__code": group}
    return get_object_or_404(rows, **of, code=code)


def _crumbs(center: Center) -> list[Crumb]:
    at = {"center": center.code}
    return [
        Crumb(_("Initiatives"), reverse("kpi:initiatives", kwargs=at)),
        Crumb(_("How activities are arranged"), reverse("kpi:arrangement", kwargs=at)),
    ]


def _page(
    request: HttpRequest,
    center: Center,
    form: Make[Any],
    *,
    row: Arranged | None = None,
    parent: Parent | None = None,
) -> HttpResponse:
    """A form of something that is there, or of something new under its parent."""
    heading, words = _words(row, parent)

    def save(typed: Form) -> HttpResponse:
        facts, by = typed.facts(), person(request)
        if row is not None:
            actions.change(row=row, seen=typed.cleaned_data["seen"], facts=facts, by=by)
        elif parent is not None:
            actions.add(parent=parent, facts=facts, by=by)
        messages.success(request, words)
        return redirect("kpi:arrangement", center=center.code)

    return form_page(
        request,
        "kpi/initiatives/arrangement/form.html",
        form=form,
        save=save,
        context=lambda _form: {
            "row": row,
            "heading": heading,
            "is_told": row is not None and actions.is_told(row),
            "remove_url": request.path + "remove/" if row is not None else "",
            "crumbs": _crumbs(center),
        },
    )


def _words(row: Arranged | None, parent: Parent | None) -> tuple[str, str]:
    """The page's heading, and what is said when it is saved."""
    if row is not None:
        return str(row), _("The changes are saved.")
    match parent:
        case Center():
            return _("New arrangement"), _("The arrangement is entered. Headings can be put into it now.")
        case InitiativeScheme():
            return _("New heading"), _("The heading is entered. Activities can be put under it now.")
        case InitiativeCategory():
            return _("New activity"), _("The activity is entered.")
    raise Http404
