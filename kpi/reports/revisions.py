"""The accepted reports of a plan's year as things that others rest on (`iconm_portal/standing`)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from iconm_portal.display import template_tags
from iconm_portal.models import Center, ReviewState
from iconm_portal.standing.registry import Exhibit, Kind, Revision, Revisions, Seen
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.text import listed
from kpi.models import Plan, Report
from kpi.plans import scorecard
from kpi.plans import texts as plan_texts
from kpi.plans.scorecard import Cell, Row

REPORT = "kpi.report"


def report_key(plan: str, year: FiscalYear) -> str:
    return f"{plan}/{year.start}"


def revision_of(report: Report) -> str:
    """As what rests on it keeps it: 2026-03-31-r1."""
    return f"{report.as_of.isoformat()}-r{report.revision}"


def reports(center: Center, keys: Collection[str]) -> Revisions:
    """By plan and year, the latest as-of day's last revision last; one query."""
    return {key: [_revision(center, row) for row in rows] for key, rows in _accepted(center, keys).items()}


def _accepted(center: Center, keys: Collection[str]) -> dict[str, list[Report]]:
    rows = Report.objects.filter(
        plan__center=center, state=ReviewState.ACCEPTED, known_from__isnull=False
    ).select_related("plan", "accepted_by")
    found: dict[str, list[Report]] = defaultdict(list)
    for row in sorted(rows.order_by(), key=lambda row: (row.as_of, row.revision)):
        key = report_key(row.plan.code, row.fiscal_year)
        if key in keys:
            found[key].append(row)
    return found


def _revision(center: Center, row: Report) -> Revision:
    if row.known_from is None:
        raise ValueError(f"{row} is not accepted")
    at = {"center": center.code, "year": row.fiscal_year, "report": row.pk}
    return Revision(
        revision=revision_of(row),
        label=_title(row),
        url=reverse("kpi:report", kwargs=at),
        known_from=row.known_from,
        by=row.accepted_by.name if row.accepted_by else row.source,
        reason=row.reason,
    )


def _title(report: Report) -> str:
    words = {
        "plan": report.plan.label,
        "year": template_tags.fiscal_year(report.fiscal_year),
        "day": template_tags.as_of_short(report.as_of),
    }
    if report.revision == 1:
        return _("Report of %(year)s as of %(day)s (%(plan)s)") % words
    return _("Report of %(year)s as of %(day)s, revision %(number)s (%(plan)s)") % (
        words | {"number": report.revision}
    )


def exhibits(center: Center, seen: Sequence[Seen], day: date) -> list[Exhibit]:
    """Each indicator's value beside its target and the verdict, as known on the day, by the report that was seen: another
    one may have been accepted later on that day. Of a plan without a report that there is none. A fixed number of queries.
    """
    rows_of = _accepted(center, {one.key for one in seen})
    later = {row.pk for one in seen for row in _after(one.revision, rows_of.get(one.key, ()))}
    board = scorecard.load(center, known_at=day, without=later)
    found = []
    for one in seen:
        plan_code, _slash, start = one.key.rpartition("/")
        if not one.revision:
            found.append(Exhibit(_no_report_of(board, plan_code, one.key), "", None))
            continue
        report = next((row for row in rows_of.get(one.key, ()) if revision_of(row) == one.revision), None)
        plan = next((plan for plan in board.plans if plan.code == plan_code), None)
        if report is not None and plan is not None:
            year = FiscalYear(int(start))
            heads = (_("Indicator"), _("Actual"), _("Target"), _("Verdict"))
            rows = tuple(_row(row, row.cell(year)) for row in plan.rows)
            what = _revision(center, report)
            found.append(Exhibit(what.label, what.url, what.known_from, heads, rows, one.key))
    return found


def _after(revision: str, rows: Sequence[Report]) -> Sequence[Report]:
    """What follows the revision; all of them where there was none."""
    known = [revision_of(row) for row in rows]
    return rows[known.index(revision) + 1 :] if revision in known else rows


def _row(row: Row, cell: Cell) -> tuple[str, ...]:
    """With all that stands beside a value, a target and a verdict elsewhere: a forecast that is met is no final one."""
    indicator, note = row.indicator, plan_texts.verdict_note(cell)
    said = [plan_texts.value(indicator, cell)]
    if cell.actual is not None and cell.value is not None:
        said += [plan_texts.as_of(cell.actual), plan_texts.beside_value(cell)]
    chip = plan_texts.verdict_chip(cell)
    return (
        f"{indicator.name}{indicator.printed_kind}",
        listed(said),
        listed(filter(None, (plan_texts.target(indicator, cell), plan_texts.moved_target(indicator, cell)))),
        format_html("{} {}", chip, note) if note else chip,
    )


def _of_year(center: Center, year: FiscalYear) -> Sequence[str]:
    """Of every plan that runs in the year; one query."""
    plans = Plan.objects.filter(center=center).order_by("pk")
    return [report_key(one.code, year) for one in plans if one.first_year <= year <= one.last_year]


def _no_report_of(board: scorecard.Board, plan_code: str, key: str) -> str:
    """With the plan's name: beside it another plan may have reported."""
    plan = next((one for one in board.plans if one.code == plan_code), None)
    if plan is None:
        return _no_report(key)
    words = {"plan": plan.label, "year": template_tags.fiscal_year(FiscalYear(int(key.rpartition("/")[2])))}
    return _("no accepted report of %(year)s yet (%(plan)s)") % words


def _no_report(key: str) -> str:
    year = FiscalYear(int(key.rpartition("/")[2]))
    return _("no accepted report of %(year)s yet") % {"year": template_tags.fiscal_year(year)}


KINDS = (Kind(REPORT, reports, of_year=_of_year, absent=_no_report, exhibits=exhibits),)
