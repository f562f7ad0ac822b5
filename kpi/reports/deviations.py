"""Reported values that differ from what the settlement or the register says, and of which nobody has said why since.

A note explains a difference from what was proposed when the report was handed in; it explains nothing of a figure to
which the settlement or the register has moved since. Then the foundation corrects the report, or both confirm that it
stands as it is. A register that holds less than was accepted says nothing (decision record 15).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.limits import settled_amounts
from finance.limits.settled_amounts import Line
from finance.models import Stage
from finance.statements import revisions as statements
from iconm_portal.display import template_tags
from iconm_portal.models import Center, RestsOn, ReviewState, Side
from iconm_portal.settlement.steps import Taking
from iconm_portal.standing import changes
from iconm_portal.standing.changes import Change, Thing, Unsettled
from iconm_portal.standing.registry import Kind, Revision, Seen
from iconm_portal.standing.resting import Settled
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import IndicatorBasis, Report
from kpi.plans import known_facts
from kpi.plans.facts import ActualFact, ReportFact
from kpi.plans.scorecard import ACTUAL, COUNT
from kpi.register import counting
from kpi.register.counting import Changes, Span
from kpi.reports.revisions import report_key, revision_of
from kpi.value_sources import check_messages, suggested_texts, suggested_values
from kpi.value_sources.entry_values import Entered
from kpi.value_sources.suggested_values import Proposal

AMOUNT = "finance.amount"
Rows = Mapping[Thing, Mapping[str, Sequence[RestsOn]]]


def key_of(plan: str, year: FiscalYear, indicator: str) -> str:
    return f"{plan}/{year.start}/{indicator}"


# -- When a report is accepted --


def rests_on(taking: Taking[Report]) -> Iterator[Settled]:
    """For each value that is taken from the settlement or counted in the register, what these said when the report was
    handed in; an empty value where they said nothing yet."""
    report = taking.item
    moment = report.submitted_at or taking.at
    proposals = suggested_values.load(
        report.plan, report.fiscal_year, as_of=report.as_of, today=clock.day_of(moment), as_it_was=True
    )
    actuals = report.actuals.filter(value__isnull=False, indicator__in=proposals).select_related("indicator")
    for actual in actuals.order_by("pk"):
        seen = _seen(proposals[actual.indicator_id])
        key = key_of(report.plan.code, report.fiscal_year, actual.indicator.code)
        yield Settled(ACTUAL, key, revision_of(report), (seen,))


def _seen(proposal: Proposal) -> Seen:
    account, line = proposal.basis.account, proposal.line
    year = proposal.fiscal_year
    if account is None:
        key = key_of(proposal.indicator.plan.code, year, proposal.indicator.code)
        return Seen(COUNT, key, value="" if proposal.value is None else str(proposal.value))
    if line is None:
        return Seen(AMOUNT, f"{year.start}/{account.code}")
    return _seen_line(year, line)


def _seen_line(year: FiscalYear, line: Line) -> Seen:
    revision = statements.revision_of(line.statement)
    return Seen(AMOUNT, f"{year.start}/{line.account.code}", revision, str(line.amount))


# -- Since then --


@dataclass(frozen=True, slots=True)
class _Held:
    """A value that holds, and what it is taken from."""

    basis: IndicatorBasis
    year: FiscalYear
    actual: ActualFact
    value: Decimal

    @property
    def revision(self) -> str:
        return fact_revision(self.actual.report)

    @property
    def thing(self) -> Thing:
        one = self.basis.indicator
        return ACTUAL, key_of(one.plan.code, self.year, one.code)

    def row(self, rows: Rows) -> RestsOn | None:
        """What it rested on, as last confirmed."""
        found = rows.get(self.thing, {}).get(self.revision, ())
        return found[0] if found else None

    @property
    def entered(self) -> Entered:
        return Entered(self.value, certainty=self.actual.certainty)

    @property
    def settled(self) -> Revision:
        """As it was accepted."""
        one, report = self.basis.indicator, self.actual.report
        words = {"indicator": one.name, "year": template_tags.fiscal_year(self.year)}
        at = {"center": one.plan.center.code, "year": self.year, "report": report.id}
        return Revision(
            revision=self.revision,
            label=_("%(indicator)s (%(year)s)") % words,
            url=reverse("kpi:report", kwargs=at),
            known_from=report.known_from,
            by=report.accepted_by or report.source,
            value_text=check_messages.printed_with_unit(one, self.value),
        )

    def unsettled(self, seen: Seen, now: Revision, said: str, changed: str = "") -> Unsettled:
        """That what it was taken from says something else by now: the foundation, which reports it, puts it right."""
        settled = self.settled
        reported = _("reported %(value)s") % {"value": settled.value_text}
        return Unsettled(
            *self.thing,
            settled,
            (Change(seen, None, now, reported),),
            proposers=frozenset({Side.OPERATOR}),
            said=said,
            changed=changed,
        )

    def line(self, lines: Mapping[tuple[FiscalYear, Stage], Mapping[int, Line]]) -> Line | None:
        """What is settled of the account, the best first."""
        found = (
            lines.get((self.year, stage), {}).get(self.basis.account_id or 0)
            for stage in suggested_values.stages(self.year, self.actual.as_of)
        )
        return next((line for line in found if line is not None), None)


def fact_revision(report: ReportFact) -> str:
    """As what rests on a report keeps it."""
    return f"{report.as_of.isoformat()}-r{report.revision}"


def judge(center: Center, known_at: date) -> dict[Thing, Unsettled]:
    """The values that differ and are not explained, as known at the end of the day. A fixed number of queries, however many
    years and indicators: two where nothing is taken from an account and the register said nothing to any value."""
    bases = {
        basis.indicator_id: basis
        for basis in IndicatorBasis.objects.filter(indicator__plan__center=center).select_related(
            "indicator__plan__center", "account", "category"
        )
    }
    if not bases:
        return {}
    rows = changes.latest(center, known_at=known_at, kinds=[ACTUAL])
    accounts = {basis.account_id for basis in bases.values() if basis.account_id is not None}
    if not accounts and not rows:
        return {}
    actuals = known_facts.accepted(center, known_at)[1]
    held = [
        _Held(bases[indicator], year, actual, actual.value)
        for (indicator, year), actual in actuals.items()
        if indicator in bases and actual.value is not None
    ]
    of_accounts = [one for one in held if one.basis.account_id is not None]
    found = _against_accounts(center, of_accounts, rows, known_at)
    found |= _against_register(center, [one for one in held if one.basis.account_id is None], rows, known_at)
    if not found:
        return {}
    waiting = changes.waiting_answers(center)
    being_corrected = _being_corrected(center)
    return {
        thing: replace(
            one,
            answer=waiting.get(thing),
            proposers=frozenset() if thing[1].rpartition("/")[0] in being_corrected else one.proposers,
        )
        for thing, one in found.items()
    }


def _being_corrected(center: Center) -> set[str]:
    """The plans and years of which a report is being worked on, which has tasks of its own; one query."""
    rows = Report.objects.filter(plan__center=center).exclude(state=ReviewState.ACCEPTED).order_by()
    return {report_key(plan, year) for plan, year in rows.values_list("plan__code", "fiscal_year")}


# -- What is taken from an account --


def _against_accounts(
    center: Center, held: Sequence[_Held], rows: Rows, known_at: date
) -> dict[Thing, Unsettled]:
    if not held:
        return {}
    lines = settled_amounts.stated_lines(
        center,
        {one.basis.account_id for one in held if one.basis.account_id is not None},
        stages=(Stage.SETTLEMENT, Stage.FORECAST),
        known_at=known_at,
    )
    found = {}
    for one in held:
        line = one.line(lines)
        if line is not None and (unsettled := _unsettled(one, line, one.row(rows))):
            found[one.thing] = unsettled
    return found


def _unsettled(held: _Held, line: Line, row: RestsOn | None) -> Unsettled | None:
    """How the value differs from the settlement; None where it does not, or where that is explained."""
    proposal = suggested_values.of_line(held.basis, held.year, held.actual.as_of, line)
    if proposal.value is None or not proposal.differs(held.entered):
        return None
    has_moved = row.value != str(line.amount) if row is not None else _is_later(line, held.actual.report)
    is_explained = bool(held.actual.note) or (row is not None and row.answer_id is not None)
    if is_explained and not has_moved:
        return None
    now = statements.revision(
        line.statement,
        value=str(line.amount),
        value_text=check_messages.printed_with_unit(held.basis.indicator, proposal.value),
        figure=proposal.value,
    )
    seen = (
        Seen(row.kind, row.key, row.revision, row.value)
        if row is not None
        else Seen(AMOUNT, f"{held.year.start}/{line.account.code}")
    )
    return held.unsettled(seen, now, _said(seen, now, line.stage))


def _is_later(line: Line, report: ReportFact) -> bool:
    """Whether the settlement came after the report, where that did not keep what it had seen: the basis was named later."""
    known_from = line.statement.known_from
    return known_from is not None and known_from > report.known_from


def _said(seen: Seen, now: Revision, stage: Stage) -> str:
    """What stands beside the value: 決算の訂正により 355,000千円."""
    words = {"value": now.value_text}
    if stage is not Stage.SETTLEMENT:
        return _("By the settlement forecast %(value)s") % words
    if seen.revision.startswith(Stage.SETTLEMENT.value) and seen.revision != now.revision:
        return _("By the correction of the settlement %(value)s") % words
    return _("By the settlement %(value)s") % words


# -- What is counted in the register --

_EVER = Span.so_far(date.max)


def _against_register(
    center: Center, held: Sequence[_Held], rows: Rows, known_at: date
) -> dict[Thing, Unsettled]:
    """Where the register counts something else by now than when the report was handed in. What it counted already then, a
    note explains, or is asked for (`differing`); what was accepted before the portal kept that, likewise."""
    kept = [
        (one, row)
        for one in held
        if (row := one.row(rows)) is not None
        and row.kind == COUNT
        and not one.basis.was_chosen_after(one.actual.report.accepted_at)
    ]
    if not kept:
        return {}
    proposals = suggested_values.from_register(
        center,
        [(one.basis, one.year, one.actual.as_of) for one, _row in kept],
        known_at=known_at,
        as_it_was=True,
    )
    moved = [
        (one, row, proposal)
        for (one, row), proposal in zip(kept, proposals, strict=True)
        if has_moved(row, proposal) and proposal.differs(one.entered)
    ]
    if not moved:
        return {}
    spans = [proposal.counted.span for _one, _row, proposal in moved if proposal.counted]
    changed = counting.last_changes(center, [*spans, _EVER], known_at=known_at)
    found = {}
    for one, row, proposal in moved:
        if (now := _counted(one, proposal, changed, known_at)) is not None:
            said = _("By the records of the register %(value)s") % {"value": now.value_text}
            found[one.thing] = one.unsettled(
                Seen(row.kind, row.key, row.revision, row.value), now, said, _("Differs from the register")
            )
    return found


def has_moved(row: RestsOn, proposal: Proposal) -> bool:
    """Whether the register comes to something else than what was seen; where it says nothing, nothing has moved."""
    return proposal.value is not None and (not row.value or Decimal(row.value) != proposal.value)


def _counted(
    held: _Held, proposal: Proposal, changed: Mapping[Span, Mapping[int, Changes]], known_at: date
) -> Revision | None:
    """What the register comes to. None where a record was written over after the day: what it said then is only in its
    history, and nothing is claimed of it."""
    counted, category = proposal.counted, held.basis.category
    if counted is None or category is None or proposal.value is None:
        return None
    within = changed[counted.span].get(category.pk, Changes())
    if within.edited_on is not None and within.edited_on > known_at:
        return None
    days = [within.changed_on, counted.opening.recorded_on if counted.opening else None]
    day = max((one for one in days if one is not None), default=None)
    if day is None or day < held.actual.report.known_from:  # a record was moved to other days
        day = changed[_EVER].get(category.pk, Changes()).changed_on or day
    one = held.basis.indicator
    return Revision(
        revision="",
        label=_("Register of activities: %(category)s") % {"category": category.name},
        url=suggested_texts.url(proposal, one.plan.center),
        known_from=min(day or known_at, known_at),
        value=str(proposal.value),
        value_text=check_messages.printed_with_unit(one, proposal.value),
        figure=proposal.value,
    )


KINDS = (
    Kind(
        ACTUAL,
        lambda center, keys: {},
        is_settled=True,
        changed=gettext_lazy("Differs from the settlement"),
        judge=judge,
    ),
)
