"""Support measures: what the city grants, each with its limit, and the entry of an amount."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements.instruments.sources import in_words
from agreements.models import SupportMeasure
from agreements.support import support, texts
from agreements.support.actions import record_amount
from agreements.support.charts import contributions_chart
from agreements.support.forms import AmountForm
from agreements.support.support import AmountFact, Measure, YearOfMeasure
from iconm_portal.forms import unsent_input
from iconm_portal.history.as_of_switch import KnownOn
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement.step_forms import Refused, refusal_text
from iconm_portal.site.crumbs import Crumb
from iconm_portal.templatetags.portal import chip
from iconm_portal.values import clock


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure in the list, in words."""

    measure: Measure
    period: str
    limit: str
    state: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class YearRow:
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
    day = KnownOn(request.GET, today=clock.today()).day
    return _page(request, center, _found(center, measure, day))


@center_view(Right.SETTLE_JOINTLY)
def record(request: HttpRequest, center: Center, measure: str) -> HttpResponse:
    """Record an amount."""
    if request.method != "POST":
        return redirect("agreements:support_measure", center=center.code, measure=measure)
    found = _found(center, measure)
    form = AmountForm(request.POST, measure=found, center=center, today=clock.today())
    if not form.is_valid():
        return _page(request, center, found, form=form, status=400)
    row = get_object_or_404(SupportMeasure.objects.select_related("center"), center=center, code=measure)
    try:
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
    except ValidationError as error:
        for field, refusals in error.message_dict.items():
            form.add_error(field if field in form.fields else None, ValidationError(refusals))
        return _page(request, center, found, form=form, status=400)
    except Refused as error:
        # What was typed stays; the page shows what somebody else recorded meanwhile, and counts from there.
        now = _found(center, measure)
        typed = request.POST.copy()
        typed["seen"] = str(now.seen)
        kept = AmountForm(typed, measure=now, center=center, today=clock.today())
        return _page(request, center, now, form=kept, refusal=refusal_text(error, ""), status=409)
    unsent_input.forget(request)
    messages.success(request, _("The amount was recorded. It is known from today on."))
    return redirect("agreements:support_measure", center=center.code, measure=measure)


def _found(center: Center, code: str, day: date | None = None) -> Measure:
    """As known at the end of the day; today without one."""
    found = support.load(center, known_at=day or clock.today(), code=code)
    if not found:
        raise Http404(code)
    return found[0]


def _page(
    request: HttpRequest,
    center: Center,
    measure: Measure,
    *,
    form: AmountForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    today = clock.today()
    as_known_on = KnownOn(request.GET, today=today)
    at = {"center": center.code}
    may_record = allowed(person(request), center, Right.SETTLE_JOINTLY) and not as_known_on.is_past
    can_record = measure.is_contribution and may_record
    if can_record and form is None:
        address = reverse("agreements:support_record", kwargs={**at, "measure": measure.code})
        form = AmountForm(
            unsent_input.kept_for(request, address), measure=measure, center=center, today=today
        )
    period = measure.period_check
    context = {
        "as_known_on": as_known_on,
        "day": as_known_on.day,
        "measure": measure,
        "row": _measure_row(measure, as_known_on.day),
        "rows": [_year_row(year) for year in measure.years],
        "revisions": [_revision_row(fact) for fact in measure.revisions],
        "total": texts.large(measure.total) if measure.total is not None else "",
        "settled_sum": texts.thousands(measure.settled_sum) if measure.settled_sum is not None else "",
        "settled_years": texts.years_label([year.year for year in measure.settled_years]),
        "has_budget": any(year.budget for year in measure.years),
        "has_checks": any(year.checks for year in measure.years),
        "period_chip": chip(*texts.chip_of(period)) if period else "",
        "period_check": texts.check_text(period) if period else "",
        "has_agreed": any(year.agreed is not None for year in measure.years),
        "source": in_words(measure.source),
        "crumbs": [
            Crumb(_("Support measures"), reverse("agreements:support", kwargs=at) + as_known_on.query)
        ],
        "form": form if can_record else None,
        "refusal": refusal,
    }
    return render(request, "agreements/support/measure.html", context, status=status)


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


def _year_row(year: YearOfMeasure) -> YearRow:
    kind, word = texts.chip_of(year.worst)
    return YearRow(
        year=year,
        budget=texts.thousands(year.budget.amount) if year.budget else "",
        settled=texts.thousands(year.settled.amount) if year.settled else "",
        agreed=texts.thousands(year.agreed) if year.agreed is not None else "",
        blank=texts.blank_text(year),
        chip=chip(kind, word) if kind else "",
        checks=tuple(texts.check_text(check) for check in year.checks),
    )


def _revision_row(fact: AmountFact) -> RevisionRow:
    return RevisionRow(fact, texts.thousands(fact.amount), str(fact.stage.label), in_words(fact.source))
