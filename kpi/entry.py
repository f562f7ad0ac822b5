"""What the entry sheet, the report page and the review page show: one report with everything that stands beside it.

Built with a fixed number of queries for any number of indicators. Earlier values and targets come from the
scorecard, so that the sheet can never disagree with the dashboard.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet, Subquery
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from iconm_portal.access import Right, allowed
from iconm_portal.fiscal import FiscalYear
from iconm_portal.models import Center, HistoryEvent, ReviewState, User
from iconm_portal.templatetags import portal
from kpi import checks, labels, phrases, proposed, proposed_phrases, remarks, scorecard
from kpi.achievement import Achievement, Certainty, Comparator, Kind, assess, is_part_year_flow
from kpi.actions import Entered
from kpi.checks import CheckWarning, WarningCode
from kpi.models import Continuity, Indicator, Report
from kpi.proposed import Proposal

BLANK = Entered()

# Which right opens a report in which state (the access table of the domain page).
_RIGHT_TO_SEE = {
    ReviewState.DRAFT: Right.SEE_DRAFTS,
    ReviewState.RETURNED: Right.SEE_DRAFTS,
    ReviewState.SUBMITTED: Right.SEE_SUBMITTED,
    ReviewState.IN_REVIEW: Right.SEE_SUBMITTED,
    ReviewState.ACCEPTED: Right.SEE_SETTLED,
}


def visible_reports(user: User, center: Center) -> QuerySet[Report]:
    """The center's reports of which the person may know, with their plan and the people of their steps."""
    states = [state for state, right in _RIGHT_TO_SEE.items() if allowed(user, center, right)]
    return Report.objects.filter(plan__center=center, state__in=states).select_related(
        "plan__center", "saved_by", "submitted_by", "opened_by", "returned_by", "accepted_by"
    )


@dataclass(frozen=True, slots=True)
class Earlier:
    """A value of an earlier year, along the chain of indicators that continue each other; in base units."""

    year: FiscalYear
    value: Decimal
    certainty: Certainty
    as_of: date
    is_part_year: bool


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that stands behind a value."""

    id: int
    name: str
    size: int
    attached_at: datetime
    attached_by: str


@dataclass(frozen=True, slots=True)
class Said:
    """A reviewer's comment."""

    text: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator on the sheet: what was before, what is aimed at, and what is entered."""

    indicator: Indicator
    fiscal_year: FiscalYear
    as_of: date
    nearly_threshold: Decimal | None
    is_baseline: bool
    earlier: Earlier | None
    breaks: bool
    target: Decimal | None
    accepted: scorecard.ActualFact | None
    stored: Entered
    is_stored: bool
    source: str
    files: tuple[Attached, ...]
    comments: tuple[Said, ...]
    before: (
        Entered | None
    )  # what the city saw last: when it returned the report, else the figures accepted before
    proposal: Proposal | None  # what the accounts or the register say; None for an indicator without a basis

    @property
    def earlier_text(self) -> str:
        """The earlier value in this indicator's own unit: T3's 600百万円 beside an indicator in 千円 is 600,536."""
        return "" if self.earlier is None else remarks.printed(self.indicator, self.earlier.value)

    @property
    def target_text(self) -> str:
        """The year's target in the display unit; empty where there is none."""
        return "" if self.target is None else remarks.printed(self.indicator, self.target)

    @property
    def target_unit(self) -> str:
        """The unit as every page writes it behind a target: 件以下, %を維持."""
        one = self.indicator
        return phrases.unit_and_comparator(
            one.unit, Comparator(one.comparator), is_printed=one.prints_comparator
        )

    @property
    def kind_text(self) -> str:
        """The kind as its plan printed it (年額), otherwise by its own name; in English always by its name."""
        printed = self.indicator.printed_kind.strip("()（） ")
        in_japanese = (get_language() or "ja").startswith("ja")
        return printed if printed and in_japanese else str(labels.KIND[Kind(self.indicator.kind)])

    @property
    def certainty_text(self) -> str:
        """The stored certainty in words; empty where there is no value."""
        return "" if self.stored.value is None else str(labels.CERTAINTY[self.stored.certainty])

    @property
    def earlier_note(self) -> str:
        """Year, certainty and, within the year, the as-of day of the earlier value: R3 途中経過（R3.11末）."""
        if self.earlier is None:
            return ""
        words = f"{portal.fiscal_year_short(self.earlier.year)} {labels.CERTAINTY[self.earlier.certainty]}"
        is_within = self.earlier.as_of != self.earlier.year.last_day
        return f"{words} ({portal.as_of_short(self.earlier.as_of)})" if is_within else words

    @property
    def verdict(self) -> SafeString:
        """How the stored value stands against the target, as sign, word and colour."""
        return phrases.chip(self.achievement.band)

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from what the city saw last."""
        return self.before is not None and bool(remarks.differing(self.before, self.stored))

    @property
    def change_texts(self) -> list[str]:
        """What is different from what the city saw last, in words; empty for a first report."""
        return [] if self.before is None else remarks.change_texts(self.indicator, self.before, self.stored)

    @property
    def stored_text(self) -> str:
        """The stored value as all pages show it, by the indicator's own rounding."""
        return "" if self.stored.value is None else remarks.printed(self.indicator, self.stored.value)

    @property
    def exact_text(self) -> str:
        """The stored value as it was entered, where rounding shows another one (505.794 beside 505)."""
        exact = "" if self.stored.value is None else remarks.figure(self.indicator, self.stored.value)
        return exact if exact != self.stored_text else ""

    @property
    def accepted_text(self) -> str:
        """What was accepted for this year before, in the display unit."""
        return "" if self.accepted is None else remarks.entered_text(self.indicator, _of_fact(self.accepted))

    @property
    def achievement(self) -> Achievement:
        """How the stored value stands against the year's target."""
        return assess(
            actual=self.stored.value,
            target=self.target,
            kind=Kind(self.indicator.kind),
            comparator=Comparator(self.indicator.comparator),
            certainty=self.stored.certainty,
            is_baseline=self.is_baseline,
            not_applicable=self.stored.not_applicable,
            part_year=self.as_of < self.fiscal_year.last_day,
            nearly_threshold=self.nearly_threshold,
        )

    @property
    def proposal_text(self) -> str:
        """What is proposed, in the display unit; empty where nothing can be."""
        return "" if self.proposal is None else proposed_phrases.value_text(self.proposal)

    @property
    def proposal_source(self) -> str:
        """Where the proposal comes from, or why there is none."""
        return "" if self.proposal is None else proposed_phrases.source_text(self.proposal)

    @property
    def proposal_url(self) -> str:
        """Where the proposal can be read; empty where there is nothing to read."""
        if self.proposal is None:
            return ""
        return proposed_phrases.url(self.proposal, self.proposal.indicator.plan.center)

    @property
    def proposal_entry(self) -> str:
        """The proposal as it is typed into the sheet, exact to what can be entered (505.794 for 505百万円)."""
        if self.proposal is None or self.proposal.value is None:
            return ""
        return remarks.figure(self.indicator, self.proposal.value)

    @property
    def deviation_text(self) -> str:
        """How what is stored differs from the proposal; empty where it does not."""
        if self.proposal is None or self.stored.value is None or not self.proposal.differs(self.stored):
            return ""
        return proposed_phrases.deviation_text(self.proposal, self.indicator, self.stored.value)

    @property
    def is_reported(self) -> bool:
        return self.stored.value is not None or self.stored.not_applicable

    def warnings(self, entry: Entered, as_of: date) -> list[CheckWarning]:
        """What may be wrong with an entry for this indicator (`kpi.checks`)."""
        # A part of a year says nothing about a whole one: 8件 by November are no yardstick for 5件 in March.
        earlier = None if self.earlier is None or self.earlier.is_part_year else self.earlier.value
        return checks.check_value(
            kind=Kind(self.indicator.kind),
            value=entry.value,
            certainty=entry.certainty,
            as_of=as_of,
            fiscal_year=self.fiscal_year,
            previous=earlier,
            target=self.target,
            note=entry.note,
            breaks=self.breaks,
            differs=self._differs(entry),
        )

    def _differs(self, entry: Entered) -> CheckWarning | None:
        if self.proposal is None or not self.proposal.differs(entry):
            return None
        params = {
            "proposed": proposed_phrases.with_unit(self.proposal),
            "from": "accounts" if self.proposal.line else "register",
        }
        return CheckWarning(WarningCode.DIFFERS_FROM_PROPOSAL, params)

    def warning_texts(self, entry: Entered, as_of: date) -> list[str]:
        """The warnings that stand at the value, as sentences."""
        year = self.earlier.year if self.earlier else None
        return [
            remarks.warning_text(warning, self.indicator, year)
            for warning in self.warnings(entry, as_of)
            if warning.code not in remarks.OF_THE_SHEET
        ]

    @property
    def stored_warnings(self) -> list[str]:
        """The warnings about what is stored."""
        return self.warning_texts(self.stored, self.as_of)


@dataclass(frozen=True)
class Sheet:
    """A report with a line for every indicator of its plan, in the plan's order."""

    report: Report
    lines: tuple[Line, ...]
    comments: tuple[Said, ...]

    @cached_property
    def unreported(self) -> list[Indicator]:
        """The indicators for which nothing is entered yet."""
        return [line.indicator for line in self.lines if not line.is_reported]

    @property
    def usual_certainty(self) -> Certainty:
        """The certainty that a value entered now has in all likelihood."""
        at_year_end = self.report.as_of >= self.report.fiscal_year.last_day
        return Certainty.FINAL if at_year_end else Certainty.INTERIM

    @cached_property
    def earlier_is_last_year(self) -> bool:
        """Whether every earlier value is that of the year before, so that the column may be named so."""
        last = self.report.fiscal_year.previous
        return all(line.earlier is None or line.earlier.year == last for line in self.lines)

    @cached_property
    def deviating(self) -> list[Line]:
        """The lines whose stored value is not what the accounts or the register say."""
        return [line for line in self.lines if line.deviation_text]

    @cached_property
    def has_proposals(self) -> bool:
        """Whether any indicator names what its value is counted or taken from."""
        return any(line.proposal is not None for line in self.lines)

    @cached_property
    def can_take_over(self) -> bool:
        """Whether there is a proposal for something that is not reported yet."""
        return any(line.proposal_entry and not line.is_reported for line in self.lines)

    @property
    def as_of_warnings(self) -> list[str]:
        """What may be wrong with the as-of day of the whole report."""
        return remarks.sheet_warning_texts(self.report.as_of, self.report.fiscal_year)

    @property
    def has_accepted(self) -> bool:
        """Whether figures for this year were accepted before."""
        return any(line.accepted is not None for line in self.lines)


def load(report: Report, *, today: date) -> Sheet:
    """Everything that the pages of a report show, in a fixed number of queries."""
    plan = report.plan
    board = scorecard.load(plan.center, known_at=today)
    rows = {row.indicator.id: row for card in board.plans for row in card.rows}
    in_force = {card.id: card.reports.get(report.fiscal_year) for card in board.plans}.get(plan.pk)
    is_accepted_before = in_force is not None and in_force.id != report.pk
    actuals = {actual.indicator_id: actual for actual in report.actuals.all()}
    attached = _attached(report)
    comments = _comments(report)
    returned = _when_returned(report)
    proposals = proposed.load(plan, report.fiscal_year, as_of=report.as_of, today=today)
    lines = []
    for indicator in plan.indicators.all():
        cell = _cell(rows.get(indicator.pk), report.fiscal_year)
        earlier, breaks = _earlier(indicator, rows, report.fiscal_year)
        actual = actuals.get(indicator.pk)
        accepted = cell.actual if cell and is_accepted_before else None
        stored = _of_row(actual)
        before = _of_fact(accepted) if accepted else BLANK if is_accepted_before else None
        lines.append(
            Line(
                indicator=indicator,
                fiscal_year=report.fiscal_year,
                as_of=report.as_of,
                nearly_threshold=plan.nearly_threshold,
                is_baseline=report.fiscal_year == plan.baseline_year,
                earlier=earlier,
                breaks=breaks,
                target=cell.target.value if cell and cell.target else None,
                accepted=accepted,
                stored=stored,
                is_stored=actual is not None,
                source=actual.source if actual else "",
                files=tuple(attached.get(indicator.pk, [])),
                comments=tuple(comments.get(indicator.pk, [])),
                before=before if returned is None else returned.get(indicator.code, stored),
                proposal=proposals.get(indicator.pk),
            )
        )
    return Sheet(report, tuple(lines), tuple(comments.get(None, [])))


def _of_row(actual: Any) -> Entered:
    if actual is None:
        return BLANK
    return Entered(actual.value, actual.not_applicable, Certainty(actual.certainty), actual.note)


def _of_fact(fact: scorecard.ActualFact) -> Entered:
    return Entered(fact.value, fact.not_applicable, fact.certainty, fact.note)


def _cell(row: scorecard.Row | None, year: FiscalYear) -> scorecard.Cell | None:
    return next((cell for cell in row.cells if cell.year == year), None) if row else None


def _earlier(
    indicator: Indicator, rows: dict[int, scorecard.Row], year: FiscalYear
) -> tuple[Earlier | None, bool]:
    """The nearest value before the year, and whether a changed definition is why there is none."""
    row, continuity, before = rows.get(indicator.pk), indicator.continuity, indicator.predecessor_id
    while True:
        found = _nearest(row, year)
        if found is not None:
            return found, False
        if continuity != Continuity.CONTINUES or before not in rows:
            return None, continuity == Continuity.BREAKS
        row = rows[before]
        continuity, before = row.indicator.continuity, row.indicator.predecessor_id


def _nearest(row: scorecard.Row | None, year: FiscalYear) -> Earlier | None:
    for cell in sorted(row.cells if row else (), key=lambda cell: cell.year, reverse=True):
        if row is not None and cell.year < year and cell.actual is not None and cell.actual.value is not None:
            actual = cell.actual
            part_year = actual.as_of < cell.year.last_day
            return Earlier(
                year=cell.year,
                value=cell.actual.value,
                certainty=actual.certainty,
                as_of=actual.as_of,
                is_part_year=is_part_year_flow(row.indicator.kind, actual.certainty, part_year=part_year),
            )
    return None


def _attached(report: Report) -> dict[int, list[Attached]]:
    found: dict[int, list[Attached]] = {}
    for evidence in report.evidence.select_related("file", "attached_by"):
        file = evidence.file
        attached = Attached(file.pk, file.name, file.size, evidence.attached_at, evidence.attached_by.name)
        found.setdefault(evidence.indicator_id, []).append(attached)
    return found


def _comments(report: Report) -> dict[int | None, list[Said]]:
    found: dict[int | None, list[Said]] = {}
    for comment in report.comments.select_related("written_by"):
        said = Said(comment.text, comment.written_at, comment.written_by.name)
        found.setdefault(comment.indicator_id, []).append(said)
    return found


def _when_returned(report: Report) -> dict[str, Entered] | None:
    """What each changed indicator (by code) held when the city returned the report; None if it never did.

    The draft itself keeps only the present; the history of its saves says what each of them replaced.
    """
    if report.returned_at is None:
        return None
    events = HistoryEvent.objects.filter(subject=report.history_key())
    last_return = events.filter(action="report.return").order_by("-pk").values("pk")[:1]
    saves = events.filter(action="report.save", pk__gt=Subquery(last_return)).order_by("pk")
    found: dict[str, Entered] = {}
    for before in saves.values_list("before", flat=True):
        for code, was in before.items():
            if isinstance(was, dict) or was is None:
                found.setdefault(code, _of_history(was))
    return found


def _of_history(was: dict[str, Any] | None) -> Entered:
    """The reverse of how `kpi.actions` writes an actual into the history."""
    if was is None:
        return BLANK
    value = was["value"]
    not_applicable = value == remarks.NOT_APPLICABLE_TEXT
    return Entered(
        None if value is None or not_applicable else Decimal(value),
        not_applicable,
        Certainty(was["certainty"]),
        was["note"],
    )


@dataclass(frozen=True, slots=True)
class Steps:
    """What a person may do with a report now; pages show exactly these buttons."""

    edit: bool = False
    submit: bool = False
    take_back: bool = False
    discard: bool = False
    correct: bool = False
    open: bool = False
    review: bool = False


def steps(report: Report, user: User, others: Sequence[Report]) -> Steps:
    """The steps that the person can take. `others`: the other reports of the same plan and year they may see."""
    keeps = allowed(user, report.plan.center, Right.KEEP)
    reviews = allowed(user, report.plan.center, Right.REVIEW)
    superseded = any(
        not other.is_settled or (other.as_of == report.as_of and other.revision > report.revision)
        for other in others
    )
    return Steps(
        edit=keeps and report.is_editable,
        submit=keeps and report.is_editable,
        take_back=keeps and report.state == ReviewState.SUBMITTED,
        discard=keeps and report.state == ReviewState.DRAFT and report.returned_at is None,
        correct=keeps and report.is_settled and not superseded,
        open=reviews and report.state == ReviewState.SUBMITTED,
        review=reviews and report.state == ReviewState.IN_REVIEW,
    )


def names(indicators: Iterable[Indicator]) -> str:
    """The indicators' names in one line."""
    return "、".join(indicator.name for indicator in indicators)
