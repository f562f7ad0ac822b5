"""What the KPIs ask of a person at a center."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, Min, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from iconm_portal.display.template_tags import fiscal_year, span
from iconm_portal.imports import todo
from iconm_portal.models import EDITABLE_STATES, UNDER_REVIEW, Center, ProposalState, ReviewState, SetUp, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.work.todo import Task, in_order
from kpi.models import (
    OfficialTextProposal,
    Pack,
    PackState,
    Plan,
    PlanCorrection,
    PlanProposal,
    Report,
    TargetProposal,
)
from kpi.plans.achievement import Certainty
from kpi.register import records
from kpi.reports import differing

# The home page asks with every visit, so only for what a task says.
_NEEDED = ("fiscal_year", "state", "recorded_at", "saved_at", "submitted_at", "returned_at")


PlanYears = tuple[FiscalYear, FiscalYear, int, int]
"""A plan's first and last year, its key, and how many indicators it has."""


def tasks(user: User, center: Center, *, today: date) -> list[Task]:
    """The person's tasks; none for those who only look.

    Where nothing is open, two queries for the city and three for the foundation; each kind of task that is open adds
    its own, whatever the number of rows.
    """
    keeps, reviews = allowed(user, center, Right.KEEP), allowed(user, center, Right.REVIEW)
    if not keeps and not reviews:
        return []
    states = EDITABLE_STATES if keeps else UNDER_REVIEW
    reports = Report.objects.filter(plan__center=center).only(*_NEEDED).order_by()
    rows = Plan.objects.filter(center=center).order_by().annotate(indicators_held=Count("indicators"))
    plans = list(rows.values_list("first_year", "last_year", "pk", "indicators_held"))
    is_open = _what_is_open(user, center, reports.filter(state__in=states), keeps=keeps)
    found = list(_to_plan(center, plans, today))
    if is_open.reports:
        found.extend(_to_finish(center, reports) if keeps else _to_review(center, reports))
    if keeps:
        found.extend(_to_start(center, reports, plans, today))
    if is_open.targets or is_open.plans:
        found.extend(_to_answer(user, center))
    if is_open.texts:
        found.extend(_texts_to_answer(user, center))
    if is_open.corrections:
        found.extend(_corrections_to_answer(user, center))
    if is_open.set_ups:
        found.extend(_set_ups_to_answer(user, center))
    if is_open.differing:
        found.extend(differing.tasks(center, states, today=today, with_accepted=keeps))
    if is_open.records:
        found.append(_to_attach(center))
    if is_open.packs:
        found.extend(_to_freeze(center))
    if is_open.imports:
        found.extend(todo.tasks(user, center))
    return in_order(found)


@dataclass(frozen=True, slots=True)
class _Open:
    """Of which kinds there is anything at all."""

    reports: bool
    targets: bool
    plans: bool
    texts: bool
    corrections: bool
    set_ups: bool
    differing: bool
    records: bool
    packs: bool
    imports: bool


def _what_is_open(user: User, center: Center, reports: QuerySet[Report], *, keeps: bool) -> _Open:
    """Asked first, in one query: on most days nothing is."""
    targets, plans = _proposed(user, center)
    never = Value(False)
    row = Center.objects.filter(pk=center.pk).values_list(
        Exists(reports),
        Exists(targets),
        Exists(plans),
        Exists(_proposed_texts(user, center)),
        Exists(_proposed_corrections(user, center)),
        Exists(_proposed_set_ups(user, center)),
        Exists(differing.unexplained(center)),
        Exists(records.without_file(center)) if keeps else never,
        never if keeps else Exists(_drafts(center)),
        Exists(todo.staged(user, center)) if keeps else never,
    )
    return _Open(*map(bool, row.get()))


def _to_finish(center: Center, reports: QuerySet[Report]) -> Iterator[Task]:
    """What the city sent back, and drafts that were begun."""
    for report in reports.filter(state__in=EDITABLE_STATES):
        words = {"year": fiscal_year(report.fiscal_year)}
        url = _url(center, "kpi:report_entry", report)
        if report.state == ReviewState.RETURNED and report.returned_at:
            title = _("Revise the returned report for %(year)s") % words
            yield Task(title, url, since=clock.day_of(report.returned_at))
        else:
            title = _("Finish the draft report for %(year)s") % words
            yield Task(title, url, since=clock.day_of(report.saved_at or report.recorded_at))


def _to_review(center: Center, reports: QuerySet[Report]) -> Iterator[Task]:
    """What the foundation handed in."""
    for report in reports.filter(state__in=UNDER_REVIEW):
        words = {"year": fiscal_year(report.fiscal_year)}
        since = clock.day_of(report.submitted_at) if report.submitted_at else None
        if report.state == ReviewState.IN_REVIEW:
            title, page = _("Finish the review of the report for %(year)s") % words, "kpi:report_review"
        else:
            title, page = _("Review the report for %(year)s") % words, "kpi:report"
        yield Task(title, _url(center, page, report), since=since)


def _to_start(
    center: Center, reports: QuerySet[Report], plans: list[PlanYears], today: date
) -> Iterator[Task]:
    """The ended years for which a plan has no report at all, those in a row in one task; and those whose report still
    holds forecasts or blanks, each in its own. A plan's last year is asked for although the next one has begun."""
    this_year = FiscalYear.of(today)
    by_year = _reports_by_year(reports)
    missing: set[FiscalYear] = set()
    for first_year, last_year, plan_id, indicators in plans:
        for year in FiscalYear.range(first_year, min(last_year, this_year - 1)):
            if (plan_id, year) not in by_year:
                missing.add(year)
            elif number := _not_final(by_year[plan_id, year], year, indicators=indicators):
                yield _to_make_final(center, by_year[plan_id, year], year, number)
    for years in _in_rows(missing):
        title = _("Report the actuals of %(years)s") % {
            "years": span(fiscal_year(years[0]), fiscal_year(years[-1]))
        }
        yield Task(
            title, reverse("kpi:reports", kwargs={"center": center.code}), since=years[0].next.first_day
        )


def _in_rows(years: Iterable[FiscalYear]) -> list[list[FiscalYear]]:
    """The years that follow one another, together: what is missing between two others says nothing of those."""
    rows: list[list[FiscalYear]] = []
    for year in sorted(years):
        if rows and rows[-1][-1].next == year:
            rows[-1].append(year)
        else:
            rows.append([year])
    return rows


@dataclass(frozen=True, slots=True)
class _Reported:
    """A report, and for how many indicators it holds what needs not be asked for again."""

    id: int
    state: ReviewState
    as_of: date
    revision: int
    settled: int


def _reports_by_year(reports: QuerySet[Report]) -> dict[tuple[int, FiscalYear], list[_Reported]]:
    """All of a center's, by plan and year; one query."""
    final = Q(actuals__value__isnull=False, actuals__certainty=Certainty.FINAL)
    rows = reports.annotate(settled=Count("actuals", filter=final | Q(actuals__not_applicable=True)))
    found: dict[tuple[int, FiscalYear], list[_Reported]] = {}
    for plan, year, pk, state, as_of, revision, settled in rows.values_list(
        "plan_id", "fiscal_year", "pk", "state", "as_of", "revision", "settled"
    ):
        found.setdefault((plan, year), []).append(_Reported(pk, ReviewState(state), as_of, revision, settled))
    return found


def _not_final(reports: list[_Reported], year: FiscalYear, *, indicators: int) -> int:
    """How many indicators have no final value of the year that is over. None are asked for while a report of the year
    is being worked on, which has its own task."""
    if not reports or any(one.state != ReviewState.ACCEPTED for one in reports):
        return 0
    holding = max(reports, key=lambda one: (one.as_of, one.revision))
    return indicators - holding.settled if holding.as_of >= year.last_day else indicators


def _to_make_final(center: Center, reports: list[_Reported], year: FiscalYear, number: int) -> Task:
    """What was reported as interim, forecast or blank. A year's own report is corrected, otherwise one is begun."""
    title = ngettext(
        "Report the final value of %(number)s indicator for %(year)s",
        "Report the final values of %(number)s indicators for %(year)s",
        number,
    ) % {"number": number, "year": fiscal_year(year)}
    holding = max(reports, key=lambda one: (one.as_of, one.revision))
    at = {"center": center.code}
    url = (
        reverse("kpi:report", kwargs=at | {"year": year, "report": holding.id})
        if holding.as_of >= year.last_day
        else reverse("kpi:reports", kwargs=at)
    )
    return Task(title, url, since=year.next.first_day)


def _to_plan(center: Center, plans: list[PlanYears], today: date) -> Iterator[Task]:
    """The last plan has ended and none follows it; that is to be settled by both sides, and never late."""
    if not plans:
        return
    last = max(last_year for _first_year, last_year, _id, _number in plans)
    if last < FiscalYear.of(today):
        title = _("Agree on the next plan: the last one ended with %(year)s") % {"year": fiscal_year(last)}
        yield Task(title, reverse("kpi:next_plan", kwargs={"center": center.code}), since=last.next.first_day)


def _proposed(user: User, center: Center) -> tuple[QuerySet[TargetProposal], QuerySet[PlanProposal]]:
    """Targets and plans that the other side proposed."""
    side = center.side_of(user) or ""
    targets = TargetProposal.objects.filter(plan__center=center, state=ProposalState.PROPOSED)
    plans = PlanProposal.objects.filter(center=center, state=ProposalState.PROPOSED)
    return targets.exclude(proposed_side=side).order_by(), plans.exclude(proposed_side=side).order_by()


def _to_answer(user: User, center: Center) -> Iterator[Task]:
    """What the other side proposed, in one query."""
    targets, plans = _proposed(user, center)
    rows = targets.values_list("proposed_at", "pk", "plan__code", "plan__label").union(
        plans.values_list("proposed_at", "pk", Value(""), "label"), all=True
    )
    for proposed_at, pk, of_plan, label in rows:
        at = {"center": center.code, "proposal": pk}
        if of_plan:
            title = _("Confirm or decline the proposed targets: “%(plan)s”") % {"plan": label}
            url = reverse("kpi:target_proposal", kwargs=at | {"plan": of_plan})
        else:
            title = _("Confirm or decline the next plan: “%(plan)s”") % {"plan": label}
            url = reverse("kpi:plan_proposal", kwargs=at)
        yield Task(title, url, since=clock.day_of(proposed_at) if proposed_at else None)


def _texts_to_answer(user: User, center: Center) -> Iterator[Task]:
    """Official texts that the other side proposed."""
    for row in _proposed_texts(user, center).values_list("proposed_at", "pk", "document"):
        proposed_at, pk, document = row
        title = _("Confirm or decline the proposed official texts: “%(document)s”") % {"document": document}
        url = reverse("kpi:official_text_proposal", kwargs={"center": center.code, "proposal": pk})
        yield Task(title, url, since=clock.day_of(proposed_at) if proposed_at else None)


def _proposed_texts(user: User, center: Center) -> QuerySet[OfficialTextProposal]:
    side = center.side_of(user) or ""
    rows = OfficialTextProposal.objects.filter(center=center, state=ProposalState.PROPOSED)
    return rows.exclude(proposed_side=side).order_by()


def _corrections_to_answer(user: User, center: Center) -> Iterator[Task]:
    """Corrections of a plan's wording that the other side proposed."""
    rows = _proposed_corrections(user, center)
    for proposed_at, pk, plan, label in rows.values_list("proposed_at", "pk", "plan__code", "plan__label"):
        title = _("Confirm or decline the corrected wording: “%(plan)s”") % {"plan": label}
        url = reverse("kpi:plan_correction", kwargs={"center": center.code, "plan": plan, "correction": pk})
        yield Task(title, url, since=clock.day_of(proposed_at) if proposed_at else None)


def _proposed_corrections(user: User, center: Center) -> QuerySet[PlanCorrection]:
    side = center.side_of(user) or ""
    rows = PlanCorrection.objects.filter(plan__center=center, state=ProposalState.PROPOSED)
    return rows.exclude(proposed_side=side).order_by()


def _set_ups_to_answer(user: User, center: Center) -> Iterator[Task]:
    """Set-up workbooks that the other side put forward."""
    for proposed_at, pk, name in _proposed_set_ups(user, center).values_list("proposed_at", "pk", "name"):
        title = _("Confirm or decline the set-up workbook “%(file)s”") % {"file": name}
        url = reverse("kpi:set_up", kwargs={"center": center.code, "set_up": pk})
        yield Task(title, url, since=clock.day_of(proposed_at) if proposed_at else None)


def _proposed_set_ups(user: User, center: Center) -> QuerySet[SetUp]:
    rows = SetUp.objects.filter(center=center, state=ProposalState.PROPOSED)
    return rows.exclude(proposed_side=center.side_of(user) or "").order_by()


def _to_attach(center: Center) -> Task:
    """Records of which no file tells, in one task."""
    found = records.without_file(center).order_by().aggregate(number=Count("pk"), since=Min("recorded_at"))
    title = ngettext(
        "Attach a file to %(number)s record of the register",
        "Attach files to %(number)s records of the register",
        found["number"],
    ) % {"number": found["number"]}
    url = reverse("kpi:records", kwargs={"center": center.code}) + "?file=missing"
    return Task(title, url, since=clock.day_of(found["since"]) if found["since"] else None)


def _drafts(center: Center) -> QuerySet[Pack]:
    return Pack.objects.filter(center=center, state=PackState.DRAFT).order_by()


def _to_freeze(center: Center) -> Iterator[Task]:
    """Packs that are being prepared."""
    rows = _drafts(center).values_list("number", "title", "saved_at", "created_at")
    for number, title, saved_at, created_at in rows:
        yield Task(
            _("Finish the committee pack: “%(pack)s”") % {"pack": title},
            reverse("kpi:pack", kwargs={"center": center.code, "number": number}),
            since=clock.day_of(saved_at or created_at),
        )


def _url(center: Center, name: str, report: Report) -> str:
    return reverse(name, kwargs={"center": center.code, "year": report.fiscal_year, "report": report.pk})
