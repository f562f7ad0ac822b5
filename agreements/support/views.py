"""Support measures: what the city grants, each with its limit, and the entry of an amount."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements.instruments import reported_facts
from agreements.instruments.sources import in_words
from agreements.models import SupportMeasure
from agreements.support import support, texts
from agreements.support.actions import record_amount
from agreements.support.charts import contributions_chart
from agreements.support.forms import AmountForm
from agreements.support.support import AmountFact, Measure, YearOfMeasure
from iconm_portal.display.template_tags import chip
from iconm_portal.forms import unsent_input
from iconm_portal.forms.form_page import form_page
from iconm_portal.history.as_of_switch import KnownOn
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock

TEMPLATE = "agreements/support/measure.html"


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure in the list, in words."""

    measure: Measure
    period: str
    limit: str
    state: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContributionYearRow:
    """A year of a contribution: amounts as printed, and how they stand."""

    year: YearOfMeasure
    budget: str
    settled: str
    agreed: str
    blank: str
    chip: SafeString | str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A revision with its amount as printed."""

    fact: AmountFact
    amount: str
    stage: str
    source: str


@center_view(Right.SEE_SETTLED)
@require_safe
def measures(request: HttpRequest, center: Center) -> HttpResponse:
    """All measures, and the contributions year by year, as known today or on an earlier day."""
    as_known_on = KnownOn(request.GET, today=clock.today())
    day = as_known_on.day
    found = support.load(center, known_at=day)
    context = {
        "as_known_on": as_known_on,
        "day": day,
        "rows": [_measure_row(measure, day) for measure in found],
        "finding": texts.finding(found),
        "chart": contributions_chart(found),
    }
    return render(request, "agreements/support/list.html", context)


@center_view(Right.SEE_SETTLED)
@require_safe
def measure(request: HttpRequest, center: Center, measure: str) -> HttpResponse:
    """One measure: what limits it, its years, every revision; today with the entry for those who may."""
    as_known_on = KnownOn(request.GET, today=clock.today())
    found = _found(center, measure, as_known_on.day)
    may_record = allowed(person(request), center, Right.SETTLE_JOINTLY) and not as_known_on.is_past
    form = None
    if found.is_contribution and may_record and not found.is_draft:
        address = reverse("agreements:support_record", kwargs={"center": center.code, "measure": found.code})
        form = _form(center, found, unsent_input.kept_for(request, address))
    return render(request, TEMPLATE, _context(request, center, found) | {"form": form})


@center_view(Right.SETTLE_JOINTLY)
def record(request: HttpRequest, center: Center, measure: str) -> HttpResponse:
    """Record an amount."""
    if request.method != "POST":
        return redirect("agreements:support_measure", center=center.code, measure=measure)
    row = get_object_or_404(SupportMeasure.objects.select_related("center"), center=center, code=measure)

    def save(form: AmountForm) -> HttpResponse:
        record_amount(
            measure=row,
            fiscal_year=form.cleaned_data["fiscal_year"],
            stage=form.cleaned_data["stage"],
            amount=form.yen,
            seen=form.cleaned_data["seen"],
            reason=form.cleaned_data["reason"],
            consultation=form.cleaned_data["consultation"],
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The amount was recorded. It is known from today on."))
        return redirect("agreements:support_measure", center=center.code, measure=measure)

    return form_page(
        request,
        TEMPLATE,
        form=lambda data, _files: _form(center, _found(center, measure), data),
        save=save,
        context=lambda form: _context(request, center, form.measure),
    )


def _form(center: Center, measure: Measure, data: QueryDict | None) -> AmountForm:
    return AmountForm(data, measure=measure, center=center, today=clock.today())


def _found(center: Center, code: str, day: date | None = None) -> Measure:
    """As known at the end of the day; today without one."""
    found = support.load(center, known_at=day or clock.today(), code=code)
    if not found:
        raise Http404(code)
    return found[0]


def _context(request: HttpRequest, center: Center, measure: Measure) -> dict[str, Any]:
    as_known_on, at = KnownOn(request.GET, today=clock.today()), {"center": center.code}
    period = measure.period_check
    return {
        "as_known_on": as_known_on,
        "day": as_known_on.day,
        "measure": measure,
        "reported": reported_facts.of_measure(measure.id),
        "row": _measure_row(measure, as_known_on.day),
        "rows": [_year_row(year) for year in measure.years],
        "revisions": [
            RevisionRow(fact, texts.thousands(fact.amount), str(fact.stage.label), in_words(fact.source))
            for fact in measure.revisions
        ],
        "total": texts.large(measure.total) if measure.total is not None else "",
        "settled_sum": texts.thousands(measure.settled_sum) if measure.settled_sum is not None else "",
        "settled_years": texts.years_label([year.year for year in measure.settled_years]),
        "has_budget": any(year.budget for year in measure.years),
        "has_checks": any(year.checks for year in measure.years),
        "period_chip": chip(
            *texts.chip_of(
                period,
                is_partial=measure.is_partial(as_known_on.day),
                is_allowed=any(year.is_allowed for year in measure.years),
            )
        )
        if period
        else "",
        "period_check": texts.check_text(period) if period else "",
        "has_agreed": any(year.agreed is not None for year in measure.years),
        "source": in_words(measure.source),
        "crumbs": [
            Crumb(_("Support measures"), reverse("agreements:support", kwargs=at) + as_known_on.query)
        ],
    }


def _measure_row(measure: Measure, day: date) -> MeasureRow:
    warnings = texts.passed_texts(measure)
    unchecked = measure.unchecked_years
    if unchecked:
        warnings.append(
            _("%(years)s: the limit cannot be checked.") % {"years": texts.years_label(unchecked)}
        )
    return MeasureRow(
        measure=measure,
        period=texts.period(measure),
        limit=texts.limit_in_words(measure),
        state=texts.sum_in_words(measure, day),
        warnings=tuple(warnings),
    )


def _year_row(year: YearOfMeasure) -> ContributionYearRow:
    kind, word = texts.chip_of(year.worst, is_allowed=year.is_allowed)
    return ContributionYearRow(
        year=year,
        budget=texts.thousands(year.budget.amount) if year.budget else "",
        settled=texts.thousands(year.settled.amount) if year.settled else "",
        agreed=texts.thousands(year.agreed) if year.agreed is not None else "",
        blank=texts.blank_text(year),
        chip=chip(kind, word) if kind else "",
        checks=tuple(texts.check_text(check) for check in year.checks),
    )
