"""取組: how they are arranged, a year's plans and results, and the form in which the foundation keeps them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from iconm_portal.display.template_tags import fiscal_year
from iconm_portal.forms.form_page import Files, form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives import actions
from kpi.initiatives import initiatives as read
from kpi.initiatives.forms import YearForm, YearSheetForm
from kpi.initiatives.initiatives import Scheme
from kpi.models import Initiative, InitiativeYear, is_our_summary
from kpi.plans.sources import in_words


@dataclass(frozen=True, slots=True)
class YearLine:
    """How much is written for a year."""

    year: FiscalYear
    planned: int
    results: int
    activities: int


@center_view(Right.SEE_SETTLED)
@require_safe
def initiatives(request: HttpRequest, center: Center) -> HttpResponse:
    """Every arrangement of what is done, those that hold today first, and the years."""
    schemes, today = read.load(center), clock.today()
    this_year = FiscalYear.of(today)
    here = read.in_year(schemes, this_year, today=today)
    lines = [_line(schemes, year, today=today) for year in read.years(schemes, today=today)]
    context = {
        "schemes": [
            (scheme, in_words(scheme.source) if scheme.source else "")
            for scheme in sorted(schemes, key=lambda scheme: scheme not in here)
        ],
        "lines": lines,
        "can_arrange": allowed(person(request), center, Right.PREPARE),
        "finding": _finding(next((line for line in lines if line.year == this_year), None)),
    }
    return render(request, "kpi/initiatives/list.html", context)


def _line(schemes: tuple[Scheme, ...], year: FiscalYear, *, today: date) -> YearLine:
    every = [
        activity for scheme in read.in_year(schemes, year, today=today) for activity in scheme.activities
    ]
    kept = [of for activity in every if (of := activity.in_year(year))]
    return YearLine(year, sum(bool(of.plan) for of in kept), sum(bool(of.result) for of in kept), len(every))


def _finding(line: YearLine | None) -> str:
    if line is None:
        return _("No activity is arranged for the current fiscal year.")
    said = {"year": fiscal_year(line.year), "planned": line.planned, "results": line.results}
    return ngettext(
        "%(year)s: of %(count)s activity, %(planned)s has a plan and %(results)s a result.",
        "%(year)s: of %(count)s activities, %(planned)s have a plan and %(results)s a result.",
        line.activities,
    ) % (said | {"count": line.activities})


@center_view(Right.SEE_SETTLED)
@require_safe
def of_year(request: HttpRequest, center: Center, year: FiscalYear) -> HttpResponse:
    """What was planned and what came of it, activity by activity."""
    today = clock.today()
    every = read.load(center, year=year)
    schemes = read.in_year(every, year, today=today)
    if not schemes:
        raise Http404(year)
    line = _line(schemes, year, today=today)
    others = read.years(every, today=today)
    context = {
        "year": year,
        "schemes": [
            (
                scheme,
                [
                    (category, [(activity, activity.in_year(year)) for activity in category.activities])
                    for category in scheme.categories
                ],
            )
            for scheme in schemes
        ],
        "finding": _finding(line),
        "years": [other for other in others if other != year],
        "can_keep": allowed(person(request), center, Right.KEEP),
        "crumbs": _crumbs(center),
    }
    return render(request, "kpi/initiatives/year.html", context)


@center_view(Right.KEEP)
def sheet(request: HttpRequest, center: Center, year: FiscalYear) -> HttpResponse:
    """Plans and results of all activities of a year on one sheet."""
    today = clock.today()
    if not read.in_year(read.load(center, year=year), year, today=today):
        raise Http404(year)

    def form(data: QueryDict | None, _files: Files | None) -> YearSheetForm:
        schemes = read.in_year(read.load(center, year=year), year, today=today)
        return YearSheetForm(data, schemes=schemes, year=year)

    def save(form: YearSheetForm) -> HttpResponse:
        rows = Initiative.objects.filter(category__scheme__center=center)
        found = {row.pk: row for row in rows.select_related("category__scheme__center")}
        written = {found[pk]: one for pk, one in form.written().items()}
        kept = actions.keep_years(year=year, written=written, by=person(request), at=clock.now())
        if not kept:
            return redirect("kpi:initiatives_of_year", center=center.code, year=year)
        said = ngettext("%(number)s activity was saved.", "%(number)s activities were saved.", len(kept))
        messages.success(request, said % {"number": len(kept)})
        return redirect("kpi:initiatives_of_year", center=center.code, year=year)

    def context(form: YearSheetForm) -> dict[str, Any]:
        schemes = read.in_year(read.load(center, year=year), year, today=today)
        rows = form.rows
        return {
            "year": year,
            "schemes": [
                (
                    scheme,
                    [(one, [rows[activity.id] for activity in one.activities]) for one in scheme.categories],
                )
                for scheme in schemes
            ],
            "crumbs": _crumbs(center, year),
        }

    return form_page(request, "kpi/initiatives/sheet.html", form=form, save=save, context=context)


@center_view(Right.KEEP)
def keep(
    request: HttpRequest, center: Center, year: FiscalYear, scheme: str, category: str, initiative: str
) -> HttpResponse:
    """Write an activity's plan and result of a year."""
    of = get_object_or_404(
        Initiative.objects.select_related("category__scheme__center"),
        category__scheme__center=center,
        category__scheme__code=scheme,
        category__code=category,
        code=initiative,
    )
    official = read.official_text_of(of)
    arranged = of.category.scheme
    if not read.is_open_in(arranged.first_year, arranged.last_year, year, today=clock.today()):
        raise Http404(year)

    def save(form: YearForm) -> HttpResponse:
        actions.keep_year(
            initiative=of, fiscal_year=year, by=person(request), at=clock.now(), **form.cleaned_data
        )
        messages.success(request, _("Saved: “%(activity)s”") % {"activity": official or of.text})
        url = reverse("kpi:initiatives_of_year", kwargs={"center": center.code, "year": year})
        return redirect(f"{url}#{arranged.code}-{of.category.code}")

    return form_page(
        request,
        "kpi/initiatives/form.html",
        form=lambda data, _files: YearForm(data, initial=_stored(of, year)),
        save=save,
        context=lambda _form: {
            "initiative": of,
            "text": official or of.text,
            "is_summary": is_our_summary(of.source, official),
            "year": year,
            "before": InitiativeYear.objects.filter(initiative=of, fiscal_year=year.previous).first(),
            "crumbs": _crumbs(center, year),
        },
    )


def _stored(of: Initiative, year: FiscalYear) -> dict[str, Any]:
    row = InitiativeYear.objects.filter(initiative=of, fiscal_year=year).first()
    return {"plan": row.plan, "result": row.result, "version": row.version} if row else {}


def _crumbs(center: Center, year: FiscalYear | None = None) -> list[Crumb]:
    crumbs = [Crumb(_("Initiatives"), reverse("kpi:initiatives", kwargs={"center": center.code}))]
    if year is not None:
        url = reverse("kpi:initiatives_of_year", kwargs={"center": center.code, "year": year})
        crumbs.append(Crumb(fiscal_year(year), url))
    return crumbs
