"""Values that differ from what the register or the accounts propose, and of which no note says why."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from iconm_portal.display.template_tags import fiscal_year
from iconm_portal.models import EDITABLE_STATES, Center, ReviewState
from iconm_portal.standing import changes
from iconm_portal.values import clock
from iconm_portal.work.todo import Task
from kpi.models import Actual, IndicatorBasis, Report
from kpi.plans.achievement import Certainty
from kpi.plans.scorecard import ACTUAL
from kpi.reports.deviations import Rows, has_moved, key_of
from kpi.reports.revisions import revision_of
from kpi.value_sources import suggested_values
from kpi.value_sources.entry_values import Entered
from kpi.value_sources.suggested_values import Proposal


def unexplained(center: Center) -> QuerySet[Actual]:
    """Values without a note, of indicators that name what they are counted or taken from."""
    return Actual.objects.filter(
        report__plan__center=center, indicator__basis__isnull=False, value__isnull=False, note=""
    ).order_by()


def tasks(center: Center, states: Collection[str], *, today: date, with_accepted: bool) -> list[Task]:
    """A task for each report in one of the states with such values; with the accepted one of every year, if asked for.

    A fixed number of queries beside those that each report with such values needs. What differs from the settlement after
    it was accepted, and what the register has moved since, is told with what else was corrected since (`deviations`), and
    not a second time here.
    """
    reports = Report.objects.filter(plan__center=center).select_related("plan__center")
    looked_at = list(reports.filter(state__in=states))
    if with_accepted:
        looked_at += _holding(reports)
    numbers = _numbers(center, looked_at, today)
    to_say = _to_say if with_accepted else _to_ask
    return [
        _task(center, report, to_say(numbers[report.pk]), numbers[report.pk])
        for report in looked_at
        if numbers[report.pk]
    ]


def _holding(reports: QuerySet[Report]) -> list[Report]:
    """The accepted report of every plan and year; none while a correction of it is on its way, which has to be put right
    instead."""
    rows = list(reports.order_by("fiscal_year", "as_of", "revision"))
    open_ones = {(row.plan_id, row.fiscal_year) for row in rows if not row.is_settled}
    holding = {(row.plan_id, row.fiscal_year): row for row in rows if row.is_settled}
    return [row for place, row in holding.items() if place not in open_ones]


def _numbers(center: Center, reports: list[Report], today: date) -> dict[int, int]:
    """How many values of each report differ."""
    held: dict[int, dict[int, Entered]] = defaultdict(dict)
    rows = unexplained(center).filter(report__in=reports)
    rows = rows.exclude(report__state=ReviewState.ACCEPTED, indicator__basis__account__isnull=False)
    for key, indicator, value, certainty in rows.values_list(
        "report_id", "indicator_id", "value", "certainty"
    ):
        held[key][indicator] = Entered(value, certainty=Certainty(certainty))
    seen: Rows = changes.latest(center, known_at=today, kinds=[ACTUAL]) if held else {}
    found: dict[int, int] = defaultdict(int)
    for report in reports:
        entered = held.get(report.pk)
        if entered:
            bases = IndicatorBasis.objects.filter(indicator__in=entered).select_related(
                "indicator__plan__center", "account", "category"
            )
            proposals = suggested_values.of_bases(bases, report.plan, report.fiscal_year, report.as_of, today)
            found[report.pk] = sum(
                one.differs(entered[pk])
                for pk, one in proposals.items()
                if not (report.is_settled and one.basis.was_chosen_after(report.accepted_at))
                and not (report.is_settled and _has_moved(report, one, seen))
            )
    return found


def _has_moved(report: Report, proposal: Proposal, rows: Rows) -> bool:
    """Whether the register has moved since the report was accepted, which is told with what else has changed since."""
    key = key_of(report.plan.code, report.fiscal_year, proposal.indicator.code)
    seen = rows.get((ACTUAL, key), {}).get(revision_of(report), ())
    return bool(seen) and has_moved(seen[0], proposal)


def _to_say(number: int) -> str:
    """What the foundation has to do."""
    return ngettext(
        "Say why %(number)s value of %(year)s differs from the register or the accounts",
        "Say why %(number)s values of %(year)s differ from the register or the accounts",
        number,
    )


def _to_ask(number: int) -> str:
    """What the city has to look at: only the foundation can write the reason."""
    return ngettext(
        "%(number)s value of %(year)s differs from the register or the accounts, and no reason is given",
        "%(number)s values of %(year)s differ from the register or the accounts, and no reason is given",
        number,
    )


def _task(center: Center, report: Report, title: str, number: int) -> Task:
    is_draft = report.state in EDITABLE_STATES
    moment = report.accepted_at or report.submitted_at or report.saved_at or report.recorded_at
    return Task(
        title % {"number": number, "year": fiscal_year(report.fiscal_year)},
        reverse(
            "kpi:report_entry" if is_draft else "kpi:report",
            kwargs={"center": center.code, "year": report.fiscal_year, "report": report.pk},
        ),
        since=report.known_from or clock.day_of(moment),
    )
